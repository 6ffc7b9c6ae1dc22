load helper

prepare() {
	casebridge init s >/dev/null
	cp "$ROOT/tests/cases/common/site.xml" s/site.xml
	cp -R "$ROOT/tests/cases/common/mappings" s/
	export CASEBRIDGE_SITE=$PWD/s
}

rows() { for i in $(seq "$1" "$2"); do printf '{"number":"N%d","colour":"red","party":[{"name":"a","shoe":"4"},{"name":"b"}]}\n' "$i"; done; }

@test "names that the mapping does not know are counted, shown and kept" {
	rows 1 3 >s/inbox/a.json
	run -0 casebridge run json-in
	has "colour（3 次）"
	has "party/shoe（3 次）"
	rows 4 5 >s/inbox/b.json
	run -0 casebridge run json-in --json
	has '"unknown":[{"name":"colour","count":2}'
	run -0 casebridge status --json
	has '{"stream":"box/json","name":"colour","count":5,'
	run -0 casebridge status
	has "colour"
}

@test "they go away when the mapping knows or ignores them" {
	rows 1 3 >s/inbox/a.json
	casebridge run json-in >/dev/null
	sed -i 's|</each>|<ignore there="shoe"/></each><ignore there="colour"/>|' s/mappings/json.xml
	run -0 casebridge run json-in
	run -0 casebridge status
	has_not colour
	has_not shoe
}

@test "a dry run keeps none" {
	rows 1 3 >s/inbox/a.json
	run -0 casebridge run json-in --dry-run
	has "colour（3 次）"
	run -0 casebridge status
	has_not colour
}
