load helper

# A site of which ledger-in is to read three rows: one maps, two are held.
prepare() {
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	ledger_csv >s/inbox/台账.csv
}

rows() { sqlite3 s/casebridge.db "select count(*) from case_record"; }

@test "run says the account, and 1 where something is held" {
	run --separate-stderr -1 casebridge run ledger-in
	has "ledger-in：读取 3 = 新增 1 + 变更 0 + 未变 0 + 挂起 2 + 退回 0 + 略过 0"
	has "噪音扰民"
	[ -z "$stderr" ]
	[ -e s/inbox/done/台账.csv ]
	run -0 casebridge run ledger-in
	has "读取 0 ="
}

@test "run --json has the same counts" {
	run -1 casebridge run ledger-in --json
	has '"kind":"import"'
	has '"read":3,"new":1,"changed":0,"unchanged":0,"held":2,"rejected":0,"passed-by":0,"adds-up":true'
	python3 -c 'import json,sys; json.loads(sys.argv[1])' "$output" || ! command -v python3
}

@test "a dry run touches nothing" {
	run -1 casebridge run ledger-in --dry-run
	has "试运行"
	has "新增 1"
	[ -e s/inbox/台账.csv ]
	[ "$(rows)" = 0 ]
	run -0 casebridge held
	has "没有挂起的记录"
}

@test "status shows the last run and what is held" {
	run -0 casebridge status
	has "未运行"
	casebridge run ledger-in || true
	run -0 casebridge status
	has "读取 3 = 新增 1"
	has "挂起 2 条"
	run -0 casebridge status --json
	has '"name":"ledger-in","kind":"import","run":1'
}

@test "held groups by cause, shows one, lets go and gives up" {
	casebridge run ledger-in || true
	run -0 casebridge held
	has "#1 T-002"
	has "共 2 条"
	run -0 casebridge held --code date
	has_not T-002
	run -0 casebridge held show 1
	has "噪音扰民"
	has "台账.csv"
	mkdir -p s/mappings
	sed 's/there="讨薪/there="噪音扰民|讨薪/; s/there="劳动争议纠纷/&|噪音扰民/' "$CASEBRIDGE_MAPPINGS/ledger.xml" >s/mappings/ledger.xml
	cp -r "$CASEBRIDGE_MAPPINGS"/codes s/mappings/
	run -1 casebridge held retry
	has "新增 1"
	has "挂起 1"
	[ "$(rows)" = 2 ]
	run -0 casebridge held drop 2
	run -0 casebridge held
	has "没有挂起的记录"
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what='held-drop'")" = 1 ]
}

@test "giving up what is not there changes nothing" {
	casebridge run ledger-in || true
	run -65 casebridge held drop 1 99
	has "没有挂起记录 #99"
	run -0 casebridge held
	has "共 2 条"
	run -64 casebridge held drop x
}

@test "show masks personal data; --unmask shows it and is written down" {
	casebridge run ledger-in || true
	run -0 casebridge show case T-001
	has "案件编号"
	has "1101**********002X"
	has "ledger/rows"
	has_not "11010519491231002X"
	has_not "张三"
	run -0 casebridge show case T-001 --json
	has_not "张三"
	has '"record":{"number":"T-001"'
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what='unmask'")" = 0 ]
	run -0 casebridge show 纠纷案件 T-001 --unmask
	has "11010519491231002X"
	has "张三"
	[ "$(sqlite3 s/casebridge.db "select object from audit where what='unmask'")" = "case#1" ]
}

@test "show: what is not there" {
	run -65 casebridge show case 没有
	has "没有编号为 没有 的记录"
	run -64 casebridge show cas T-001
}

@test "no control character of theirs reaches the terminal" {
	ledger_csv | sed "s/噪音扰民/噪$(printf '\033')[31m音/" >s/inbox/台账.csv
	run -1 casebridge run ledger-in
	has_not $'\033'
	run -0 casebridge held
	has_not $'\033'
}

@test "deliveries are of exports" {
	run -64 casebridge deliveries ledger-in
	has "是导入流程"
	run -64 casebridge deliveries ledger-in --state redy
	has "是不是“ready”？"
}

@test "several flows in one go, and not one where a name is wrong" {
	run -64 casebridge run ledger-in nowhere
	[ -e s/inbox/台账.csv ]
}

# rows N - a ledger of so many rows that map.
many() {
	ledger_csv | head -1
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "%d,M-%06d,2024/3/8,/,讨薪,1,成功,王,张三,,/,李四,/,\n", i, i }'
}

@test "Ctrl-C ends after the page at work; the next run goes on there" {
	many 60000 >s/inbox/台账.csv
	setsid casebridge run ledger-in >out 2>&1 &
	local pid=$! code=0
	until [ "$(rows)" -gt 0 ]; do kill -0 "$pid" || break; done
	kill -INT -- "-$pid" || true # as the terminal does: to every process of the group
	wait "$pid" || code=$?
	cat out
	[ "$code" = 0 ]
	run -0 casebridge run ledger-in
	[ "$(rows)" = 60000 ]
	run cat out
	has_not 崩溃
}

@test "a second run while the first is at work says who has the site" {
	many 60000 >s/inbox/台账.csv
	casebridge run ledger-in >/dev/null &
	local pid=$!
	until [ "$(rows)" -gt 0 ]; do kill -0 "$pid" || break; done
	run -69 casebridge run ledger-in
	has "$pid"
	run -0 casebridge status # reading goes on
	wait "$pid"
	[ "$(rows)" = 60000 ]
}

@test "an export that cannot go on: deliveries, their reason, again" {
	sed -i 's|</site>|<connection name="province" connector="province"><set name="base" value="http://127.0.0.1:1"/><account name="s1" for="studio=\x27S01\x27"><set name="app" value="a"/><secret name="secret" file="secrets/s1"/></account></connection><export name="out" to="province/cases"/></site>|' s/site.xml
	casebridge account set province/s1 <<<geheim >/dev/null
	casebridge run ledger-in >/dev/null || true
	run -1 casebridge run out
	has "out：应报 1 = 已收 0 + 退回 0 + 挂起 1 + 存疑 0 + 待办 0"
	has "casebridge deliveries out --state held"
	run -0 casebridge deliveries out --state held
	has "T-001"
	run -0 casebridge deliveries out --state 已收
	has "没有"
	run -0 casebridge show case T-001
	has "去向"
	run -0 casebridge held release out --dry-run
	has "试运行：1 件重新列为待报"
	run -0 casebridge held release out
	run -0 casebridge deliveries out --json
	has '"key":"T-001"'
	has '"state":"ready"'
	run -0 casebridge status
	has "待报"
}
