load helper

prepare() {
	ledger_csv >台账.csv
	LEDGER=$CASEBRIDGE_MAPPINGS/ledger.xml
}

@test "map in: a record a line, held ones beside it" {
	run --separate-stderr -1 casebridge map in "$LEDGER" 台账.csv
	[ "${#lines[@]}" = 1 ]
	has '"number":"T-001"'
	has '"amount":12000.50'
	output=$stderr
	has '{"record":2,"line":3,"outcome":"held","key":"T-002","findings":[{"code":"code","field":"type"'
	has '"value":"噪音扰民"'
	has '{"record":3,"line":4,"outcome":"held","key":"T-003","findings":[{"code":"date"'
}

@test "map in reads standard input, in GB18030 too" {
	iconv -f utf-8 -t gb18030 台账.csv >gb.csv
	casebridge map in "$LEDGER" 台账.csv 2>/dev/null >a || true
	casebridge map in "$LEDGER" - <gb.csv 2>/dev/null >b || true
	[ -s a ]
	cmp a b
}

@test "map in | map out | map in comes back to the same" {
	casebridge map in "$LEDGER" 台账.csv 2>/dev/null >one || true
	run -0 casebridge map out "$LEDGER" one
	casebridge map out "$LEDGER" one >two.csv
	casebridge map in "$LEDGER" two.csv >two
	cmp one two
}

@test "a file that is not there: one sentence" {
	run --separate-stderr -78 casebridge map in "$LEDGER" nowhere.csv
	[[ "$stderr" == *nowhere.csv* ]]
	[ "$(wc -l <<<"$stderr")" = 1 ]
}

@test "map test runs the samples that come with us" {
	run -0 casebridge map test "$CASEBRIDGE_MAPPINGS"/*.xml
	[[ "${lines[-1]}" =~ ^[1-9][0-9]*\ passed,\ 0\ failed$ ]]
}

@test "map test fails with the sample that does not hold" {
	mkdir -p own
	cp -r "$CASEBRIDGE_MAPPINGS"/. own
	sed -i 's/<code here="wage"      there="/&甲|/; s/<type>wage/<type>neighbour/' own/ledger.xml
	run -1 casebridge map test own/ledger.xml
	[[ "${lines[-1]}" =~ ^[0-9]+\ passed,\ [1-9][0-9]*\ failed$ ]]
}

@test "map test counts a mapping that cannot be read as failed" {
	echo '<mapping' >bad.xml
	run -1 casebridge map test bad.xml
	[ "${lines[-1]}" = "0 passed, 1 failed" ]
}

@test "map check finds all our own files right" {
	run -0 casebridge map check "$CASEBRIDGE_MAPPINGS"/*.xml "$CASEBRIDGE_MAPPINGS"/*/*.xml
}

@test "map check points at a mistake in a mapping" {
	sed 's/here="number" /here="nummber" /' "$LEDGER" >bad.xml
	run -78 casebridge map check bad.xml
	[[ "$output" =~ bad.xml:[0-9]+:[0-9]+: ]]
	has "nummber"
	has "最接近的是“number”"
}

@test "map schema is well-formed RELAX NG for every language" {
	for name in mapping connector model site link; do
		casebridge map schema $name >$name.rng
		grep -q relaxng.org $name.rng
	done
	run -64 casebridge map schema sit
	has "是不是“site”？"
}

@test "the schemas take our own files" {
	command -v xmllint >/dev/null || skip "no xmllint"
	casebridge map schema connector >connector.rng
	xmllint --noout --relaxng connector.rng "$CASEBRIDGE_MAPPINGS"/connectors/*.xml
	casebridge init s
	casebridge map schema site >site.rng
	xmllint --noout --relaxng site.rng s/site.xml
}

@test "a table of a hundred thousand rows is compiled once, and the worker reads it as it is" {
	awk 'BEGIN { print "here,there"; for (i = 0; i < 100000; i++) printf "ours-%d,%06d\n", i, i }' >k.csv
	cat >k.xml <<-'XML'
		<mapping name="k"><there format="table"/><here type="case"/><codes name="k" href="k.csv"/>
		<field here="number" there="n" key="yes" need="yes"/><field here="about" there="a" codes="k"/>
		<test name="one" way="both"><there>n,a
		1,000007</there><here><case><number>1</number><about>ours-7</about></case></here></test></mapping>
	XML
	mkfifo rows
	casebridge map in k.xml - <rows >out 3>&- &
	program=$!
	exec 7>rows
	printf 'n,a\n1,099999\n' >&7
	for _ in $(seq 200); do
		read -r worker _ <"/proc/$program/task/$program/children" && grep -q memfd:casebridge-tables "/proc/$worker/maps" && break
		sleep 0.05
	done
	grep -q memfd:casebridge-tables "/proc/$worker/maps"
	exec 7>&-
	wait $program
	[ "$(cat out)" = '{"number":"1","about":"ours-99999"}' ]
	run -0 casebridge map test k.xml
	has "1 passed, 0 failed"
	run -0 casebridge map out k.xml <out
	has "1,099999"
}
