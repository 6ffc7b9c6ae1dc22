load helper

# A ledger of which one case maps and two are held, and an export that can write none of them.
prepare() {
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	ledger_csv >s/inbox/台账.csv
	sed -i 's|</site>|<connection name="province" connector="province"><set name="base" value="http://127.0.0.1:1"/><account name="s1" for="studio=\x27S01\x27"><set name="app" value="a"/><secret name="secret" file="secrets/s1"/></account></connection><export name="out" to="province/cases"/></site>|' s/site.xml
	casebridge account set province/s1 <<<geheim >/dev/null
	casebridge run ledger-in >/dev/null || true
}

@test "one list: what imports hold, and deliveries that cannot go on" {
	casebridge run out >/dev/null || true
	run -0 casebridge held
	has "代码不在表里 (code)"
	has "纠纷类型"
	has "casebridge held show 1"
	has "casebridge deliveries out --state held"
	has "共 3 条"
	run -0 casebridge held out
	has "共 1 条"
	has "T-001"
	has_not "held show"
	run -0 casebridge held --json
	has '"kind":"export","flow":"out"'
	has '"kind":"import","flow":"ledger-in","code":"code","field":"type"'
}

@test "what the target rejects stands there with its words" {
	casebridge run out >/dev/null || true
	sqlite3 s/casebridge.db "UPDATE delivery SET state='rejected', code=NULL, field=NULL, say='当事人重复'"
	run -0 casebridge held
	has "对方退回"
	has "当事人重复"
	has "casebridge deliveries out --state rejected"
}

@test "show says words for codes, and JSON the codes" {
	run -0 casebridge show case T-001
	has "(wage)"
	has "纠纷 (wage)"
	has "申请人 (applicant)"
	run -0 casebridge show case T-001 --json
	has '"type":"wage"'
}

@test "release: counted by cause before it is done, and only what is asked for" {
	casebridge run out >/dev/null || true
	state() { sqlite3 s/casebridge.db "select state from delivery"; }
	run -0 casebridge held release out --where "number='T-002'"
	has "0 件重新列为待报"
	[ "$(state)" = held ]
	run -0 casebridge held release out --code guard
	has "0 件"
	run -0 casebridge held release out --where "number='T-001' and amount>10000" --dry-run
	[[ "$output" =~ 1\ +out\ .*T-001 ]]
	has "试运行：1 件重新列为待报"
	[ "$(state)" = held ]
	run -0 casebridge held release out --where "number='T-001'" --code account --json
	has '"flow":"out","dry":false,"released":1,"groups":[{"count":1,"kind":"export"'
	[ "$(state)" = ready ]
	run -64 casebridge held release out --where "numbr='T-001'"
	has "--where 第 1 个字：没有名为“numbr”的字段；最接近的是“number”"
}
