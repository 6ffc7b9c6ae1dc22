# Records that are one: a person says so, takes it back, and each target gets one upload.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=en CASEBRIDGE_SITE=$BATS_TEST_TMPDIR/s
	cd "$BATS_TEST_TMPDIR" || return 1
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv >/dev/null 2>&1 3>&- &
	SIM=$!
	for _ in $(seq 100); do [ -s port ] && break; sleep 0.05; done
	casebridge init s >/dev/null
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <connection name="province" connector="province"><set name="base" value="http://127.0.0.1:$(cat port)"/>
	    <account name="S01"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/S01"/></account>
	  </connection>
	  <import name="in" from="ledger/rows"/>
	  <export name="out" to="province/cases" when="status='closed'"/>
	</site>
	XML
	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge account set province/S01 >/dev/null
	{
		printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n'
		for key in L-1 L-2 L-3; do
			awk -F'\t' -v key="$key" '$1 == "S01" { printf "1,%s,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,甲,/,/,乙,/,\n", key, $2 }' studios.tsv
		done
	} >s/inbox/a.csv
	casebridge run in >/dev/null
}

teardown() {
	kill "$SIM" 2>/dev/null || true
}

there() { sqlite3 platform.db "select count(*) from case_file"; }
state() { sqlite3 s/casebridge.db "select d.state from delivery d join case_record c on c._id = d.record where c.number = '$1'"; }

@test "one upload for a cluster; apart again, each has its own" {
	run -0 casebridge dup link case L-1 L-2 --reason 同一件
	[[ $output == *"cluster 1"*"L-1"*"L-2"*"dup undo 1"* ]]
	run -0 casebridge run out
	[ "$(there)" = 2 ]
	[ "$(state L-1)" = accepted ]
	[ -z "$(state L-2)" ]
	run -0 casebridge dup undo 1
	run -0 casebridge run out
	[ "$(there)" = 3 ]
	[ "$(state L-2)" = accepted ]
	run -0 casebridge run out
	[ "$(there)" = 3 ]
}

@test "the one that is there already speaks for the cluster, also when it is not the oldest" {
	run -0 casebridge dup link case L-1 L-2
	run -0 casebridge run out
	run -0 casebridge dup split case L-2
	run -0 casebridge dup link case L-2 L-3
	run -0 casebridge run out
	[ "$(there)" = 2 ]
	[ "$(state L-1)" = accepted ]
	[ "$(state L-3)" = accepted ]
	[ -z "$(state L-2)" ]
}

@test "a split keeps the rest together, and the log says who did what" {
	casebridge dup link case L-1 L-2 >/dev/null
	casebridge dup link case L-3 L-2 >/dev/null
	run -0 casebridge dup split case L-2 --reason 另一件
	[[ $output == *"L-1"*"L-3"* && $output != *"L-2"* ]]
	run -65 casebridge dup split case L-2
	run -65 casebridge dup undo 1
	[[ $output == *"undo step 3 first"* ]]
	run -0 casebridge dup undo
	[ "$output" = "undone (step 4)" ]
	run -0 casebridge dup log
	[[ $output == *"undoes step 3"*"另一件"* ]]
	run -0 casebridge dup log --json
	[ "$(sqlite3 :memory: "SELECT json_array_length('${output//\'/\'\'}')")" = 4 ]
	run -0 sqlite3 s/casebridge.db "select count(*) from audit where what = 'duplicates'"
	[ "$output" = 4 ]
	CASEBRIDGE_LANG=zh run -0 casebridge dup log
	[[ $output == *"撤销步骤 3"* ]]
}

@test "what cannot be is said, and a dry run changes nothing" {
	run -65 casebridge dup link case L-1 L-9
	[[ $output == *"L-9"* ]]
	run -65 casebridge dup link case L-1 L-1
	run -78 casebridge dup link cse L-1 L-2
	run -0 casebridge dup link case L-1 L-2 --dry-run
	run -0 casebridge dup log --json
	[ "$output" = "[]" ]
	run -65 casebridge dup undo
}

@test "both are there: a person links them, sees both receipts, and the later one is withdrawn" {
	run -0 casebridge run out
	[ "$(there)" = 3 ]
	run -65 casebridge dup link case L-2 L-1
	[ "$(grep -c 'L-[12] *out *[^ ]' <<<"$output")" = 2 ]
	[[ $output == *"add --yes"* ]]
	run -0 casebridge dup link case L-2 L-1 --yes
	[ "$(grep -c 'out *accepted *[^ ]' <<<"$output")" = 2 ]
	run casebridge run out
	[ "$(state L-1)" = accepted ]
	[ "$(state L-2)" = withdrawn ]
	[ "$(state L-3)" = accepted ]
	run -0 casebridge dup undo
	run casebridge run out
	[ "$(state L-2)" = accepted ]
	[ "$(state L-1)" = accepted ]
}

# What a desk has of three disputes: L-4 and L-5 are one, L-6 is the same people about something else.
more() {
	local head
	head=$(head -1 s/inbox/done/a.csv 2>/dev/null || head -1 s/inbox/a.csv)
	printf '%s\n' "$head" \
		'1,L-4,和顺,沈丽娟与郑海波漏水,楼上卫生间漏水到楼下天花板损坏,2026-04-01,2026-04-05,邻里纠纷,1000,调解成功,王调解,沈丽娟,/,13805741234,郑海波,/,' \
		'2,L-5,和顺,郑海波诉沈丽娟,楼上漏水楼下天花板损坏要求赔偿一千元,2026-04-02,,邻里纠纷,1200,,王调解,郑海波,/,/,沈丽娟,13805741234,' \
		'3,L-6,和顺,沈丽娟与郑海波,合伙账目,2026-04-12,,合同纠纷,1200,,王调解,沈丽娟,/,13805741234,郑海波,,' \
		'4,L-7,和顺,孙国平,货款三万元不还,2026-05-01,,合同纠纷,30000,,王调解,孙国平,/,/,朱春兰,/,' \
		'5,L-8,和顺,孙国平,三万元,2026-05-25,,损害赔偿纠纷,30000,,王调解,孙国平,/,/,朱秋菊,/,' \
		>s/inbox/b.csv
	casebridge run in >/dev/null
}

pair() { # KEY KEY -> its state and kind
	casebridge dup list --all --json >pairs.json
	sqlite3 :memory: "select json_extract(value, '\$.state') || ' ' || json_extract(value, '\$.kind')
		from json_each(readfile('pairs.json')) where json_extract(value, '\$.left') = '$1'
		and json_extract(value, '\$.right') = '$2'"
}

@test "a search links the sure ones, lists the others, and adds up" {
	more
	run -0 casebridge dup run --dry-run
	[[ $output == "dry run "* ]]
	run -0 casebridge dup log --json
	[ "$output" = "[]" ]
	run -0 casebridge dup run --json
	[ "$(sqlite3 :memory: "select json_extract(j, '\$.pairs') = json_extract(j, '\$.linked') +
		json_extract(j, '\$.both-there') + json_extract(j, '\$.related') +
		json_extract(j, '\$.doubtful') + json_extract(j, '\$.apart') from (select '$output' as j)")" = 1 ]
	[ "$(pair L-4 L-5)" = "linked repeat" ] || [ "$(pair L-4 L-5)" = "linked same" ]
	[ "$(pair L-4 L-6)" = "related related" ]
	run -0 casebridge dup show case L-4 L-5
	[[ $output == *"2026-04-0[1]"*"2026-04-0[2]"* ]]
	[[ $output != *13805741234* ]]
	[[ $output == *"linked"*"%"*"sum"* ]]
	run -0 casebridge dup show case L-4 --unmask
	[[ $output == *13805741234*"A cluster of 2, which says:"* ]]
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what = 'unmask'")" = 1 ]
	run -0 casebridge dup undo
	run -0 casebridge dup run
	[[ $output != *"step"* ]]
	run -0 casebridge dup show case L-4
	[[ $output == *"linked to no other record"* ]]
}

@test "a handful of records cannot tell how rare a match is: one name in common links nobody" {
	local head
	head=$(head -1 s/inbox/done/a.csv)
	printf '%s\n' "$head" \
		'1,L-4,和顺,沈丽娟,漏水,2026-04-01,,邻里纠纷,1000,,王调解,沈丽娟,/,,郑海波,/,' \
		'2,L-5,和顺,沈丽娟,欠款,2026-04-02,,邻里纠纷,1200,,王调解,沈丽娟,/,,钱建国,,' \
		>s/inbox/b.csv
	casebridge run in >/dev/null
	run -0 casebridge dup run
	[[ $(pair L-4 L-5) != linked* ]]
}

@test "what the platform has twice is for a person, who sees both receipts" {
	more
	sed -i "s/when=\"status='closed'\"//" s/site.xml
	run casebridge run out
	[ "$(state L-4)" = accepted ]
	[ "$(state L-5)" = accepted ]
	run -0 casebridge dup run
	[[ $output == *"both uploaded"* ]]
	[[ $(pair L-4 L-5) == "both-there "* ]]
	run casebridge run out
	[ "$(state L-5)" = accepted ]
	run -0 casebridge dup review <<<yn
	[[ $output == *"both stand at out already"*"not linked"* ]]
	run -0 casebridge dup review <<<yyq
	[[ $output == *"linked 1, apart 0"* ]]
}

@test "a review: yes, no, skip, undo; what was said holds until what is compared changes" {
	more
	mkdir -p s/mappings/rules
	sed 's/<cut link="0.99" doubt="0.3"/<cut link="0.999999999999" doubt="0.001"/' \
		"$CASEBRIDGE_MAPPINGS/rules/case.xml" >s/mappings/rules/case.xml
	casebridge dup run >/dev/null
	casebridge dup list --json >open.json
	count=$(sqlite3 :memory: "select json_array_length(readfile('open.json'))")
	[ "$count" -ge 2 ]
	run -0 casebridge dup review <<<sunq
	[[ $output == *"undone"*"linked 0, apart 1, skipped 0"* ]]
	casebridge dup list --json >open.json
	[ "$(sqlite3 :memory: "select json_array_length(readfile('open.json'))")" = $((count - 1)) ]
	casebridge dup run >/dev/null
	casebridge dup list --json >open.json
	[ "$(sqlite3 :memory: "select json_array_length(readfile('open.json'))")" = $((count - 1)) ]
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what = 'duplicates' and object = 'split'")" = 1 ]
	# A field that is not compared: the word holds. One that is: it is asked again.
	sed -e 's/王调解/张调解/' "$(find s/inbox -name b.csv)" >s/inbox/c.csv
	casebridge run in >/dev/null
	casebridge dup run >/dev/null
	casebridge dup list --json >open.json
	[ "$(sqlite3 :memory: "select json_array_length(readfile('open.json'))")" = $((count - 1)) ]
	key=$(sqlite3 s/casebridge.db "select c.number from ruling r join case_record c on c._id = r.high where r.ended is null")
	[ -n "$key" ]
	awk -F, -v OFS=, -v key="$key" '$2 == key { $5 = $5 "，又来" } 1' "$(grep -l ",$key," -r s/inbox | head -1)" >s/inbox/d.csv
	casebridge run in >/dev/null
	casebridge dup run >/dev/null
	casebridge dup list --json >open.json
	[ "$(sqlite3 :memory: "select json_array_length(readfile('open.json'))")" = "$count" ]
}

@test "a search looks at what is new, and everything finds the same" {
	casebridge dup run >/dev/null
	run -0 casebridge dup run --json
	[[ $output == *'"searched":"new","records":0,'* ]]
	more
	run -0 casebridge dup run --json
	[[ $output == *'"searched":"learn","records":8,'* ]] # there were three
	sed -i 's/三万元/三万元整/' "$(find s/inbox -name b.csv)"
	cp "$(find s/inbox -name b.csv)" s/inbox/c.csv
	casebridge run in >/dev/null
	casebridge dup run >/dev/null
	sqlite3 s/casebridge.db 'select low, high, state, levels from pair order by 1, 2' >new
	run -0 casebridge dup run --all --json
	[[ $output == *'"searched":"all","records":8,'*'"moved":0,'* ]]
	sqlite3 s/casebridge.db 'select low, high, state, levels from pair order by 1, 2' >all
	diff new all
	[ -s all ]
}

@test "why is said in the language of the reader, not of the search" {
	more
	CASEBRIDGE_LANG=zh casebridge dup run >/dev/null
	run -0 casebridge dup show case L-4 L-5
	[[ $output == *"prior"*"days apart"* && $output != *先验* ]]
	CASEBRIDGE_LANG=zh run -0 casebridge dup show case L-4 L-5
	[[ $output == *先验*相差天数* ]]
	run -0 casebridge dup list --all --json
	[[ $output == *'"id":"when","level":"days '* ]]
}

once() { sqlite3 s/casebridge.db "select group_concat(number || '*' || _records, ' ') from (select * from case_record_once order by number)"; }

@test "what several records say of one thing counts once" {
	[ "$(once)" = "L-1*1 L-2*1 L-3*1" ]
	casebridge dup link case L-1 L-2 >/dev/null
	[ "$(once)" = "L-1*2 L-3*1" ]
	[ "$(sqlite3 s/casebridge.db "select once from case_record_same where key = 'L-2'")" = L-1 ]
	sed -i "s/when=\"status='closed'\"/when=\"number='L-2'\"/" s/site.xml
	run casebridge run out
	[ "$(state L-2)" = accepted ]
	[ "$(once)" = "L-2*2 L-3*1" ]
	run -0 casebridge status
	[[ $output == *"3 records, 2 when those that are one count once"* ]]
	run -0 casebridge status --json
	[[ $output == *'"entities":[{"name":"case","records":3,"once":2}]'* ]]
	# A point for each record of the pair is a point for one case.
	sqlite3 s/casebridge.db "insert into point_record (_id, _change, _first_ms, _last_ms, number, \"case\", points)
		values (901, 901, 0, 0, 'P-1', 'L-1', '5'), (902, 902, 0, 0, 'P-2', 'L-2', '5')"
	[ "$(sqlite3 s/casebridge.db 'select count(distinct s.once) from point_record p join case_record_same s on s.key = p."case"')" = 1 ]
}

@test "an import may search by itself, and what goes out is what the cluster says" {
	sed -i 's|from="ledger/rows"|from="ledger/rows" duplicates="yes"|' s/site.xml
	more
	[[ $(pair L-4 L-5) == "linked "* ]]
	run casebridge run out
	[ "$(state L-4)" = accepted ]
	[ -z "$(state L-5)" ]
	# The longer account of what happened is the other's, until they are apart.
	run -0 sqlite3 platform.db "select body from case_file where ajbh = 'L-4'"
	[[ $output == *要求赔偿一千元* ]]
	run -0 casebridge dup split case L-5
	run casebridge run out
	run -0 sqlite3 platform.db "select body from case_file where ajbh = 'L-4'"
	[[ $output != *要求赔偿一千元* ]]
}
