# One refused login locks that account and only that one, until a person unlocks it.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=en
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
	    <account name="S01" for="studio/code='S01'"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/S01"/></account>
	    <account name="S02" for="studio/code='S02'"><set name="app" value="cx-s02"/><secret name="secret" file="secrets/S02"/></account>
	  </connection>
	  <import name="in" from="ledger/rows"/>
	  <export name="out" to="province/cases" when="status='closed'"/>
	</site>
	XML
	printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n' >s/inbox/a.csv
	for n in 1 2; do
		printf '%s,L-%s,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,甲,/,/,乙,/,\n' $n $n "$(sed -n "s|^S0$n\t\([^\t]*\).*|\1|p" studios.tsv)" >>s/inbox/a.csv
	done
	sed -n 's/.*cx-s02\t//p' studios.tsv | casebridge --site s account set province/S02 >/dev/null
	echo wrong | casebridge --site s account set province/S01 >/dev/null
}

teardown() {
	kill "$SIM" 2>/dev/null || true
}

logins() { sqlite3 platform.db "select count(*) from request where path like '/oauth%'"; }

@test "a refused login locks that account only; unlocked and mended it goes on" {
	run -0 casebridge --site s run in
	run -78 casebridge --site s run out
	[ "$(sqlite3 platform.db 'select group_concat(ajbh) from case_file')" = L-2 ]
	asked=$(logins)

	# The second run does not even try.
	run -78 casebridge --site s run out
	[[ $output == *"account province/S01 is locked"* ]]
	[[ $output == *"casebridge account unlock province/S01"* ]]
	[ "$(logins)" = "$asked" ]

	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge --site s account set province/S01 >/dev/null
	run -0 casebridge --site s account unlock province/S01
	run -0 casebridge --site s run out
	[ "$(sqlite3 platform.db 'select count(*) from case_file')" = 2 ]
	[ "$(sqlite3 platform.db "select count(*) from arrival where verdict='new'")" = 2 ]
	run -0 casebridge --site s account unlock province/S01
	[[ $output == *"was not locked"* ]]
}
