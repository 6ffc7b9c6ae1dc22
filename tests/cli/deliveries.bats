# Deliveries on the command line: consent, withdrawal, doubt, and a person's word.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=en CASEBRIDGE_SITE=$BATS_TEST_TMPDIR/s
	cd "$BATS_TEST_TMPDIR" || return 1
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv >/dev/null 2>&1 3>&- &
	SIM=$!
	for _ in $(seq 100); do [ -s port ] && break; sleep 0.05; done
	casebridge init s >/dev/null
	mkdir -p s/mappings/connectors
	cp "$CASEBRIDGE_MAPPINGS/connectors/province.xml" s/mappings/connectors/
	site ""
	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge account set province/S01 >/dev/null
	ledger L-1=漏水 L-2=噪音
}

teardown() {
	kill "$SIM" 2>/dev/null || true
}

# site ATTRIBUTES - of the export
site() {
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <connection name="province" connector="province"><set name="base" value="http://127.0.0.1:$(cat port)"/>
	    <account name="S01"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/S01"/></account>
	  </connection>
	  <import name="in" from="ledger/rows"/>
	  <export name="out" to="province/cases" when="status='closed'" $1/>
	</site>
	XML
}

# ledger NUMBER=ABOUT… - closed cases; one without a result is closed no more.
ledger() {
	{
		printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n'
		for row; do
			awk -F'\t' -v key="${row%%=*}" -v about="${row#*=}" '$1 == "S01" { printf "1,%s,%s,甲与乙,%s,2026-03-01,%s,邻里纠纷,100,%s,王调解,甲,/,/,乙,/,\n", key, $2, about, about == "open" ? "" : "2026-03-05", about == "open" ? "" : "调解成功" }' studios.tsv
		done
	} >s/inbox/a.csv
	casebridge run in >/dev/null || true
}

fault() { curl -s -o /dev/null -X POST "http://127.0.0.1:$(cat port)/-/fault?$1"; }
sql() { sqlite3 s/casebridge.db "$1"; }
there() { sqlite3 platform.db "select count(*) from case_file"; }
# The connector without its promise about keys: what is in doubt is asked for.
unsafe() { sed -i "s/repeat=\"by-key\" delay=\"15m\"/delay=\"$1\"/; s/lag=\"5m\"/lag=\"0s\"/" s/mappings/connectors/province.xml; }

@test "a leader releases some, refuses others, and a change asks again" {
	site 'approve="yes"'
	run -1 casebridge run out
	[ "$(there)" = 0 ]
	run -0 casebridge approve list
	[[ $output == *L-1*L-2* ]]
	run -0 casebridge approve show out L-1
	[[ $output == *"waits for approval"*"L-1"* ]]
	run -0 casebridge approve release out L-1
	run -64 casebridge approve reject out L-2
	[[ $output == *"--reason"* ]]
	run -0 casebridge approve reject out L-2 --reason 'not yet'
	ledger L-1=另一回事 L-2=噪音
	run -1 casebridge run out
	[ "$(there)" = 0 ] # what was released is not what it is now
	casebridge approve release out L-1 >/dev/null
	run casebridge run out
	[ "$(there)" = 1 ]
	run -0 casebridge deliveries out --state held
	[[ $output == *"L-2"*"not yet"* ]]
	run -0 casebridge approve list --json
	[ "$output" = "[]" ]
	[ "$(sql "select count(*) from audit where what like 'approve-%'")" = 3 ]
	run -65 casebridge approve release out L-1
	[[ $output == *"L-1 does not wait for approval"* ]]
	run -65 casebridge approve release out L-9
}

@test "--all releases what waits, and --dry-run releases nothing" {
	site 'approve="yes"'
	run casebridge run out
	run -0 casebridge approve release out --all --dry-run
	[[ $output == *"dry run: 2 released"* ]]
	[ "$(sql "select count(*) from delivery where state='waiting'")" = 2 ]
	run -0 casebridge approve release out --all
	run -0 casebridge run out
	[ "$(there)" = 2 ]
}

@test "what no longer fits is taken back, with its receipt" {
	run -0 casebridge run out
	[ "$(there)" = 2 ]
	ledger L-1=open L-2=噪音
	sql "update case_record set status='mediating', _change=(select max(_change)+1 from case_record) where number='L-1'"
	run -0 casebridge run out
	[ "$(there)" = 1 ]
	[ "$(sqlite3 platform.db "select count(*) from withdrawn where ajbh='L-1' and serial='PT0000000001'")" = 1 ]
	run -0 casebridge deliveries out
	[[ $output == *"L-1"*"withdrawn"*"taken back"* ]]
}

@test "in doubt it says when the target is asked, in both languages" {
	unsafe 15m
	fault drop=x1@/rmtj/case/batch
	run -75 casebridge run out
	[[ $output == *"something goes on at"* ]]
	run -0 casebridge deliveries out
	[[ $output == *"in doubt"*"the target is asked"* ]]
	run -0 casebridge --lang zh deliveries out
	[[ $output == *"再问平台"* ]]
	run -0 casebridge --lang zh status
	[[ $output == *"存疑"*"下次"* ]]
	run -0 casebridge deliveries out --json
	[[ $output == *'"not-before":'* ]]
}

@test "asked and found the same, it is accepted" {
	unsafe 0s
	fault drop=x1@/rmtj/case/batch
	run casebridge run out
	run -0 casebridge run out
	[ "$(sql "select count(*) from delivery where state='accepted' and receipt like 'PT%'")" = 2 ]
	[ "$(sqlite3 platform.db "select count(*) from arrival")" = 2 ]
}

@test "asked and found other, a person decides" {
	unsafe 0s
	fault drop=x1@/rmtj/case/batch
	casebridge run out >/dev/null 2>&1 || true
	sql "update delivery set state='in-doubt', code='doubt', receipt=null, is_there=0, digest=null, settled=0"
	sql "update member set state='in-doubt', ended_ms=null"
	sqlite3 platform.db "update revision set body=replace(body, '漏水', '别的') where ajbh='L-1'"
	run casebridge run out
	run -0 casebridge deliveries out
	[[ $output == *"L-1"*"conflict"*"a person decides"* ]]
	[[ $output != *"别的"* ]]
	run -0 casebridge held
	[[ $output == *"other content there"* ]] || [[ $output == *"conflict"* ]]
	run -64 casebridge deliveries settle out L-1 acepted
	[[ $output == *"accepted"* ]]
	run -0 casebridge deliveries settle out L-1 again --reason looked
	run -0 casebridge run out
	[ "$(sql "select detail from audit where what='delivery-settle'")" = "again looked" ]
	[ "$(sql "select count(*) from delivery where state='accepted'")" = 2 ]
	run -65 casebridge deliveries settle out L-1 accepted
	[[ $output == *"no such question"* ]]
}

@test "by when it must be there, and what is late, in both languages" {
	site 'approve="yes" deadline="5 workdays after closed" warn="2 workdays"'
	run -0 casebridge status
	[[ $output != *"earliest"* ]] # nothing is planned yet
	run casebridge run out
	[[ $output == *"out: 2 are late and not accepted yet"* ]]
	run -0 casebridge deliveries out
	[[ $output == *"due"*"L-1"*"2026-03-12 24:00 late"* ]]
	run -0 casebridge --lang zh status
	[[ $output == *"已过期"*"最早"*"out"*"2026-03-12 24:00"* ]]
	run -0 casebridge deliveries out --json
	[[ $output == *'"near":false,"late":true'* ]]
	casebridge approve release out --all >/dev/null
	run -0 casebridge run out
	[ "$(there)" = 2 ]
	run -0 casebridge status
	[[ $output != *"earliest"* ]]
}

@test "a session that ends early is begun anew, twice in a row; the third time a person looks" {
	fault expire=x2@/rmtj/case/batch
	run -0 casebridge run out
	[ "$(there)" = 2 ]
	ledger L-3=漏水
	fault expire=x3@/rmtj/case/batch
	run -78 casebridge run out
	[[ $output == *"account unlock province/S01"* ]]
	[ "$(there)" = 2 ]
	run -0 casebridge account unlock province/S01
	run -0 casebridge run out
	[ "$(there)" = 3 ]
}

@test "a refused login is not tried a second time" {
	echo not-the-secret | casebridge account set province/S01 >/dev/null
	logins() { sqlite3 platform.db "select count(*) from request where path = '/oauth/token'"; }
	before=$(logins)
	run -78 casebridge run out
	[ "$(logins)" = $((before + 1)) ]
	run -78 casebridge run out
	[ "$(logins)" = $((before + 1)) ]
}
