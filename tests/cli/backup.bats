# A backup is whole and checked; a restored one sends nothing twice.

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
	# The delay is the platform's promise; this one keeps none.
	mkdir -p s/mappings/connectors
	sed 's/delay="15m"/delay="0s"/; s/lag="[0-9a-z]*"/lag="0s"/' "$CASEBRIDGE_MAPPINGS/connectors/province.xml" >s/mappings/connectors/province.xml
	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge account set province/S01 >/dev/null
	cases 1 10 >s/inbox/a.csv
}

teardown() {
	kill -9 $SIM $ENGINE 2>/dev/null || true
	wait 2>/dev/null || true
}

# cases FROM TO - a ledger of closed cases.
cases() {
	printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n'
	awk -v from="$1" -v to="$2" -F'\t' '$1 == "S01" { for (n = from; n <= to; n++) printf "%d,L-%d,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,甲,/,/,乙,/,\n", n, n, $2 }' studios.tsv
}

sent() { sqlite3 platform.db "select count(*) from arrival"; }
twice() { sqlite3 platform.db "select count(*) from (select ajbh from arrival where verdict in ('new','same','update') group by ajbh having count(*) > 1)"; }

# repeat KIND - how the platform says it treats the same bytes.
repeat() {
	sed -i "s/repeat=\"by-key\"/repeat=\"$1\"/" s/mappings/connectors/province.xml
}

# Ten are sent, the backup is made, ten more are sent: those are what it does not know.
lose_ten() {
	casebridge run in out >/dev/null
	run -0 casebridge backup b.db
	[[ $output == *"records 10"* ]]
	cases 11 20 >s/inbox/b.csv
	casebridge run in out >/dev/null
	[ "$(sent)" = 20 ]
	run -0 casebridge restore b.db
	[[ $output == *"the store that was there is kept"* ]]
	[ "$(sqlite3 s/casebridge.db 'select count(*) from case_record')" = 10 ]
	mv s/inbox/done/b.csv s/inbox/
}

# What is in doubt is asked for again until nothing is.
settle() {
	for _ in 1 2 3; do
		casebridge run "$@" >/dev/null && return 0
	done
	casebridge deliveries out
	return 1
}

@test "a restored backup sends nothing twice; what is new goes out (by-key)" {
	lose_ten
	cases 21 25 >s/inbox/c.csv
	settle in out
	[ "$(sqlite3 s/casebridge.db "select count(*) from delivery where state='accepted'")" = 25 ]
	[ "$(sent)" = 25 ]
	[ "$(twice)" = 0 ]
}

@test "a restored backup sends nothing twice; what is new goes out (unsafe)" {
	repeat unsafe
	lose_ten
	cases 21 25 >s/inbox/c.csv
	settle in out
	[ "$(sqlite3 s/casebridge.db "select count(*) from delivery where state='accepted'")" = 25 ]
	[ "$(sent)" = 25 ]
	[ "$(twice)" = 0 ]
}

@test "what was being sent in the backup is asked for, not sent again" {
	casebridge run in >/dev/null
	# It arrived there, and the answer never came here.
	curl -s -X POST "http://127.0.0.1:$(cat port)/-/fault?drop=1@/rmtj/case/batch" >/dev/null
	casebridge run out >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 200); do [ "$(sent)" -ge 10 ] && break; sleep 0.05; done
	kill -9 $pid
	casebridge backup b.db >/dev/null
	curl -s -X POST "http://127.0.0.1:$(cat port)/-/fault?drop=0@/rmtj/case/batch" >/dev/null
	before=$(sent)
	casebridge restore b.db >/dev/null
	settle out
	[ "$(sent)" = "$before" ]
	[ "$(sqlite3 s/casebridge.db "select count(*) from delivery where state='accepted'")" = 10 ]
}

@test "a target that cannot be asked: a person decides, one by one" {
	sed -i '/<find/,/<\/find>/d; /<find/d' s/mappings/connectors/province.xml
	run casebridge check
	lose_ten
	run -1 casebridge run in out
	[ "$(sent)" = 20 ]
	run -0 casebridge deliveries out --state held
	[[ $output == *"restored, and this target cannot be asked"* ]]
	# Not by the way: each is a question of its own.
	casebridge held release out >/dev/null
	casebridge run out >/dev/null || true
	[ "$(sent)" = 20 ]
	for key in $(sqlite3 s/casebridge.db "select key from delivery where state='held'"); do
		casebridge deliveries settle out "$key" again >/dev/null
	done
	casebridge run out >/dev/null || true
	[ "$(sent)" = 30 ] # as the person said
}

@test "a new machine: site.xml and mappings come along, secrets do not" {
	casebridge run in >/dev/null
	casebridge backup b.db >/dev/null
	run -0 casebridge restore b.db --site new/site --dry-run
	[ ! -e new ]
	run -0 casebridge restore b.db --site new/site
	cmp s/site.xml new/site/site.xml
	cmp s/mappings/connectors/province.xml new/site/mappings/connectors/province.xml
	[ -d new/site/secrets ] && [ -z "$(ls new/site/secrets)" ]
	[ "$(sqlite3 new/site/casebridge.db 'select count(*) from case_record')" = 10 ]
	sed -n "s/.*cx-s01\t//p" studios.tsv | casebridge account set province/S01 --site new/site >/dev/null
	run -0 casebridge status --site new/site
	[ "$(sqlite3 new/site/casebridge.db "select count(*) from audit where what='restore'")" = 1 ]
	[ "$(stat -c %a b.db new/site/casebridge.db new/site/secrets | tr '\n' ' ')" = "600 600 700 " ]
}

@test "a backup is made beside a run, and is whole" {
	cases 1 20000 >s/inbox/a.csv
	casebridge run in >/dev/null &
	pid=$!
	until [ "$(sqlite3 s/casebridge.db 'select count(*) from case_record' 2>/dev/null || echo 0)" -gt 0 ]; do kill -0 $pid || break; done
	casebridge backup b.db >/dev/null
	wait $pid
	[ "$(sqlite3 b.db 'pragma integrity_check')" = ok ]
	[ "$(sqlite3 b.db 'select count(*) from case_record')" -gt 0 ]
	[ "$(sqlite3 s/casebridge.db 'select count(*) from case_record')" = 20000 ]
}

@test "what is refused: a name that is taken, no backup, a damaged one, a site in use" {
	casebridge run in >/dev/null
	casebridge backup b.db >/dev/null
	run -78 casebridge backup b.db
	[[ $output == *"is there already"* ]]
	run -78 casebridge restore nothing.db
	run -78 casebridge restore s/casebridge.db
	[[ $output == *"was not written by casebridge backup"* ]]
	cp b.db bad.db
	dd if=/dev/urandom of=bad.db bs=4096 seek=20 count=20 conv=notrunc status=none
	before=$(sqlite3 s/casebridge.db 'select count(*) from run')
	run -65 casebridge restore bad.db
	[[ $output == *damaged* ]]
	exec 8>>s/casebridge.lock
	flock 8
	run -69 casebridge restore b.db
	exec 8>&-
	[ "$(sqlite3 s/casebridge.db 'select count(*) from run')" = "$before" ]
	[ -z "$(ls s | grep -E 'restored|before')" ]
}

@test "restore while the engine runs: it refuses, says who has the site, and the engine goes on" {
	casebridge run in >/dev/null
	casebridge backup b.db >/dev/null
	sed -i 's|from="ledger/rows"|& every="1s"|; /<export/d' s/site.xml
	casebridge serve --log log 2>err 3>&- &
	ENGINE=$!
	for _ in $(seq 200); do grep -q '"what":"start"' log && break; sleep 0.05; done
	run -69 casebridge restore b.db
	[[ $output == *"process $ENGINE is writing this site"* ]]
	[ -z "$(ls s | grep -E 'restored|before')" ]
	# A backup is no such thing: it is made beside the engine.
	run -0 casebridge backup c.db
	cases 11 12 >s/inbox/b.csv
	for _ in $(seq 200); do [ "$(sqlite3 s/casebridge.db 'select count(*) from case_record')" = 12 ] && break; sleep 0.05; done
	kill -TERM $ENGINE
	wait $ENGINE
	[ "$(sqlite3 s/casebridge.db 'select count(*) from case_record')" = 12 ]
	# It is stopped: now it is restored, and the engine goes on from there.
	run -0 casebridge restore b.db
	[ "$(sqlite3 s/casebridge.db 'select count(*) from case_record')" = 10 ]
	run -0 casebridge status
	[[ $output == *"engine: none runs"* ]]
}
