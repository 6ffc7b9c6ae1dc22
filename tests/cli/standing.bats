# status says who works and who cannot: the engine, accounts that are locked or rest; and the proof
# of what was tried.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=en CASEBRIDGE_SITE=$BATS_TEST_TMPDIR/s CASEBRIDGE_PAUSE_MS=200
	cd "$BATS_TEST_TMPDIR" || return 1
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv >/dev/null 2>&1 3>&- &
	SIM=$!
	until_true test -s port
	casebridge init s >/dev/null
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <connection name="province" connector="province"><set name="base" value="http://127.0.0.1:$(cat port)"/>
	    <account name="S01" for="studio/code='S01'"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/S01"/></account></connection>
	  <import name="in" from="ledger/rows"/>
	  <export name="out" to="province/cases" when="status='closed'" cron="0 0 1 1 *"
	          deadline="5 workdays after closed" warn="2 workdays"/>
	  <notice name="drop" to="file" folder="told"/>
	</site>
	XML
	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge account set province/S01 >/dev/null
	{
		printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n'
		printf '1,L-1,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,张无忌,/,13900001111,乙,/,\n' "$(sed -n 's|^S01\t\([^\t]*\).*|\1|p' studios.tsv)"
	} >s/inbox/a.csv
	casebridge run in >/dev/null
}

teardown() {
	kill -9 $ENGINE $SIM 2>/dev/null || true
	wait 2>/dev/null || true
}

until_true() {
	for _ in $(seq 600); do
		"$@" 2>/dev/null && return 0
		sleep 0.05
	done
	echo "never true: $*" >&2
	return 1
}

@test "status says whether an engine runs, since when, and that one died" {
	run -0 casebridge status
	[[ $output == *"engine: none runs, so nothing is carried out when it is due"* ]]
	casebridge serve --log log 2>err 3>&- &
	ENGINE=$!
	until_true grep -q '"what":"start"' log
	run -0 casebridge status
	[[ $output == *"engine: running since $(date +%Y-)"*"(process $ENGINE)"* ]]
	run -0 casebridge status --json
	[ "$(sqlite3 :memory: "select json_extract('$output', '\$.engine.running')")" = 1 ]
	[ "$(grep -c '"what":"lent"' log)" = 0 ] # who looks disturbs nobody
	kill -9 $ENGINE
	wait $ENGINE || true
	run -0 casebridge status
	[[ $output == *"!! no engine runs: the one of "* ]]
	rm log
	casebridge serve --log log 2>err 3>&- &
	ENGINE=$!
	until_true grep -q '"what":"start"' log
	kill -TERM $ENGINE
	wait $ENGINE
	run -0 casebridge status
	[[ $output == *"engine: none runs"* && $output != *'!!'* ]]
}

@test "status names a locked account, why, and what to do; the page for watchers has it too" {
	echo wrong >s/secrets/S01
	run -78 casebridge run out
	run -0 casebridge status
	[[ $output == *"province/S01  casebridge account unlock province/S01  locked: "*401* ]]
	run -0 casebridge status --json
	[[ $output == *'"accounts":[{"account":"province/S01","code":"login",'* ]]
	casebridge serve --port 0 --log log 2>err 3>&- &
	ENGINE=$!
	until_true grep -q '"port"' log
	run -0 curl -sf "http://127.0.0.1:$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' log)/metrics"
	[[ $output == *'casebridge_account_blocked{account="province/S01",reason="login"} 1'* ]]
	[[ $output == *'casebridge_deadline_deliveries{flow="out",urgency="late"} 1'* ]]
	[[ $output == *'casebridge_deadline_earliest_timestamp_seconds{flow="out"} 1773331200'* ]]
	[[ $output == *'casebridge_notices_waiting '* ]]
	run -0 curl -sf "http://127.0.0.1:$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' log)/healthz"
	[[ $output == *'"blocked-accounts":1'* && $output == *'"notices-waiting":'* ]]
}

@test "an account that rests is named, with when it goes on" {
	curl -sf -X POST "http://127.0.0.1:$(cat port)/-/fault?drop=1@/oauth" >/dev/null
	run -69 casebridge run out
	run -0 casebridge status
	[[ $output =~ "province/S01  "[0-9:\ -]+"  it rests after "[0-9]+" failures in a row: " ]]
}

@test "the proof of a late one: due, warned, every attempt, its receipt; printable" {
	# A login that is cut off, then an answer that is lost, then the receipt.
	curl -sf -X POST "http://127.0.0.1:$(cat port)/-/fault?refuse=x1@/oauth&drop=x1@/rmtj/case/batch" >/dev/null
	run -0 casebridge run out
	run -0 casebridge deliveries proof out L-1 --out proof.html
	echo "$output"
	[[ $output =~ due\ +2026-03-12\ 24:00\ \(5\ workdays\ after\ closed\) ]]
	[[ $output =~ warned\ +[0-9:\ -]+\ late ]]
	[[ $output =~ in\ time\ +late ]]
	[[ $output =~ 1\ .*upload\ +"did not arrive" ]]
	[[ $output =~ upload\ +"no answer" ]]
	[[ $output =~ "the same again"\ +accepted.*PT0000000001 ]]
	[[ $output != *张无忌* ]]
	grep -q '<td>PT0000000001</td>' proof.html
	[ "$(xmllint --html --xpath 'count(//table)' proof.html 2>/dev/null)" = 2 ]
	run -0 casebridge deliveries proof out L-1 --json
	[ "$(sqlite3 :memory: "select json_extract('$output', '\$.attempts[#-1].receipt')")" = PT0000000001 ]
	run -65 casebridge deliveries proof out L-7
}
