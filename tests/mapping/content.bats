#!/usr/bin/env bats
# content.bats - what is shipped under mappings/: its own samples hold, every
# connector and table is sound, and the shapes of real systems are held or handled.
load ../cli/helper

# carried MAPPING: map in over standard input; in $taken what was taken, in $output the findings.
carried() {
	cat >in
	run --separate-stderr casebridge map in "$ROOT/$1" in
	taken=$(grep -c . <<<"$output" || true)
}

@test "every mapping's own samples hold" {
	run -0 casebridge map test "$ROOT"/mappings/*.xml
	has " passed, 0 failed"
	[ "${lines[-1]%% *}" -gt 150 ]
}

@test "the shapes of real systems, and the faults of a real bridge" {
	run -0 casebridge map test "$ROOT"/tests/mapping/shapes/*.xml
	has " passed, 0 failed"
	[ "${lines[-1]%% *}" -gt 90 ]
}

@test "every connector, table, mapping and the model are without a mistake" {
	run -0 casebridge map check "$ROOT"/mappings/*.xml "$ROOT"/mappings/*/*.xml "$ROOT"/tests/mapping/shapes/*.xml
}

@test "a connector's streams have mappings that exist" {
	for connector in "$ROOT"/mappings/connectors/*.xml; do
		grep -o 'mapping="[^"]*"' "$connector" | tr -d '"' | sed 's/mapping=//' | while read -r file; do
			[ -e "$ROOT/mappings/$file" ] || { echo "$connector: $file"; return 1; }
		done
	done
}

@test "no secret stands in a connector" {
	local signed=0
	for connector in "$ROOT"/mappings/connectors/*.xml; do
		# By what it signs is never a word of its own.
		for key in $(grep -oE "(hmac-[a-z0-9]+|sm4)\([^,)]*" "$connector" | sed 's/.*(//' | sort -u); do
			grep "<setting name=\"$key\"" "$connector" | grep -q 'secret="yes"' || { echo "$connector: $key"; return 1; }
			signed=$((signed + 1))
		done
		# What signs is a setting that is declared secret.
		for name in $(grep -oE '(password|[sS]ecret|signkey|\bsk)\b' "$connector" | sort -u); do
			grep -q "<setting name=\"$name\"" "$connector" || continue
			grep "<setting name=\"$name\"" "$connector" | grep -q 'secret="yes"' || { echo "$connector: $name"; return 1; }
		done
	done
	[ "$signed" -gt 0 ]
}

@test "the last rows arrive too: 401 of 401" {
	{
		echo '编号,申请人,标题,区划'
		for n in $(seq 1 401); do echo "N$n,甲,t,"; done
	} | {
		carried tests/mapping/shapes/joined.xml
		[ "$taken" = 401 ]
	}
}

@test "one bad record holds itself and no other" {
	carried tests/mapping/shapes/joined.xml <<-'CSV'
		编号,申请人,标题,区划
		N1,甲,t,
		,乙,t,
		N3,丙,,
		N4,丁,t,"330000,340200"
		N5,戊,t,
	CSV
	[ "$status" = 1 ]
	[ "$taken" = 2 ]
	[ "$(grep -c '"held"' <<<"$stderr")" = 3 ]
}

@test "two cases at one address are two cases" {
	printf '[{"id":"1","address":"同一地址3号"},{"id":"2","address":"同一地址3号"}]' >in
	run --separate-stderr -0 casebridge map in "$ROOT/tests/mapping/shapes/faults.xml" in
	has '"id":"1"'
	has '"id":"2"'
}

@test "a ledger in GB18030 reads like one in UTF-8" {
	{
		echo '编号,申请人,标题,区划'
		echo 'N1,镕、喆,与乙纠纷,'
	} >utf8.csv
	iconv -f utf-8 -t gb18030 utf8.csv >gb.csv
	run --separate-stderr -0 casebridge map in "$ROOT/tests/mapping/shapes/joined.xml" utf8.csv
	first=$output
	run --separate-stderr -0 casebridge map in "$ROOT/tests/mapping/shapes/joined.xml" gb.csv
	[ "$output" = "$first" ]
	has 镕
}

@test "no finding shows a personal value" {
	printf '{"id":"1","parties":[{"name":"张三丰","idNo":"330282190001010010","phone":"13800000000x"}]}' >in
	run casebridge map in "$ROOT/tests/mapping/shapes/faults.xml" in
	has idcard
	findings=$(grep '"findings"' <<<"$output")
	[[ "$findings" != *330282190001010010* && "$findings" != *13800000000x* && "$findings" != *张三丰* ]]
}
