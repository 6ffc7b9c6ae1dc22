# The engine as a service: it works by itself, lends the site to commands, and
# comes through a full disk, a wrong clock and a lost engine.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=en CASEBRIDGE_SITE=$BATS_TEST_TMPDIR/s CASEBRIDGE_PAUSE_MS=200
	cd "$BATS_TEST_TMPDIR" || return 1
	casebridge init s >/dev/null
	site 1s
	ledger 1 3 >s/inbox/a.csv
}

teardown() {
	kill -9 $ENGINE $SIM 2>/dev/null || true
	wait 2>/dev/null || true
}

# site EVERY [MORE LINES]
site() {
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  $2
	  <import name="in" from="ledger/rows" every="$1"/>
	  $3
	</site>
	XML
}

# ledger FROM TO - a ledger of closed cases of studio S01.
ledger() {
	printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n'
	awk -v from="$1" -v to="$2" -v studio="${STUDIO:-}" 'BEGIN { for (n = from; n <= to; n++) printf "%d,L-%d,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,张无忌,/,13900001111,乙,/,\n", n, n, studio }'
}

# The province: a simulator, and the site that sends to it.
province() {
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv >/dev/null 2>&1 3>&- &
	SIM=$!
	until_true test -s port
	STUDIO=$(sed -n 's|^S01\t\([^\t]*\).*|\1|p' studios.tsv)
	site 1s "<connection name='province' connector='province'><set name='base' value='http://127.0.0.1:$(cat port)'/>
	  <account name='S01'><set name='app' value='cx-s01'/><secret name='secret' file='secrets/S01'/></account></connection>" \
		"<export name='out' to='province/cases'/>"
	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge account set province/S01 >/dev/null
	ledger 1 3 >s/inbox/a.csv
}

engine() {
	casebridge serve --log log "$@" 2>err 3>&- &
	ENGINE=$!
	until_true grep -q '"what":"start"' log
}

# stop - as the service manager does.
stop() {
	kill -TERM $ENGINE
	wait $ENGINE
}

until_true() {
	for _ in $(seq 600); do
		"$@" 2>/dev/null && return 0
		sleep 0.05
	done
	echo "never true: $*" >&2
	cat log err >&2
	return 1
}

rows() { [ "$(sqlite3 s/casebridge.db 'select count(*) from case_record')" = "$1" ]; }
there() { [ "$(sqlite3 platform.db 'select count(*) from case_file')" = "$1" ]; }
logged() { grep -q "\"what\":\"$1\"" log; }

@test "it imports when it is time, sends what is due, and ends when it is told" {
	province
	engine
	until_true there 3
	ledger 4 5 >s/inbox/b.csv
	until_true there 5
	stop
	[ ! -e s/casebridge.sock ]
	logged stop
	# What it wrote is JSON, and nobody's name or number is in it.
	[ "$(grep -cv '^{"time":"[0-9T:.+-]*","level":"[a-z]*","what":"[a-z]*".*}$' log)" = 0 ]
	run -1 grep -E '张无忌|13900001111|L-1' log
	[ ! -s err ]
}

@test "commands that write work while it runs; a second engine does not" {
	site 1h
	casebridge run in >/dev/null
	engine
	ledger 4 4 >s/inbox/b.csv
	run -0 casebridge run in
	[[ $output == *"new 1"* ]]
	rows 4
	run -0 casebridge alias list
	run -0 casebridge status
	[ "$(grep -c '"what":"lent"' log)" = 1 ] # who only reads asks nobody
	run -69 casebridge serve
	[[ $output == *"process $ENGINE is writing this site"* ]]
	until_true logged returned
	stop
}

@test "a long run ends its page for a command, and goes on afterwards" {
	ledger 1 60000 >s/inbox/a.csv
	engine
	until_true sh -c "[ \"\$(sqlite3 s/casebridge.db 'select count(*) from case_record')\" -gt 0 ]"
	run -0 casebridge account unlock nobody/nothing
	run -0 sqlite3 s/casebridge.db "select count(*) from run where result = 'stopped'"
	[ "$output" -ge 1 ]
	until_true rows 60000
	stop
}

@test "a command that dies with the site gives it back" {
	ledger 1 60000 >s/inbox/a.csv
	site 1h
	sed -i 's/<import name="in" from="ledger\/rows" every="1h"\/>/<import name="in" from="ledger\/rows"\/>/' s/site.xml
	engine
	casebridge run in >/dev/null 2>&1 3>&- &
	local command=$!
	until_true sh -c "[ \"\$(sqlite3 s/casebridge.db 'select count(*) from case_record')\" -gt 0 ]"
	kill -9 $command
	until_true logged returned
	run -0 casebridge run in
	rows 60000
	stop
}

@test "an engine that was killed leaves nothing that is in the way" {
	engine
	until_true rows 3
	kill -9 $ENGINE
	wait $ENGINE || true
	[ -S s/casebridge.sock ]
	run -0 casebridge run in
	rm log
	engine
	ledger 4 5 >s/inbox/b.csv
	until_true rows 5
	stop
}

@test "SIGHUP reads site.xml again; one with mistakes is not taken" {
	site 1h
	casebridge run in >/dev/null
	engine
	ledger 4 5 >s/inbox/b.csv
	site 1x
	mv log log.1
	kill -HUP $ENGINE
	until_true logged reload
	grep -q 'the old one stays: .*site.xml:[0-9]' log # anew, after it was moved away
	rows 3
	site 1s
	kill -HUP $ENGINE
	until_true rows 5
	stop
}

@test "the page for watchers: how it is, and no personal data" {
	engine --port 0
	until_true rows 3
	port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' log)
	run -0 curl -sf "http://127.0.0.1:$port/healthz"
	[[ $output == '{"ok":true,"process":'$ENGINE,* ]]
	until_true sh -c "curl -s http://127.0.0.1:$port/metrics | grep -q 'casebridge_runs_total{flow=\"in\",result=\"ok\"}'"
	run -0 curl -sf "http://127.0.0.1:$port/metrics"
	[[ $output == *"casebridge_up 1"* && $output == *"casebridge_locked_accounts 0"* && $output == *"casebridge_wal_bytes "* ]]
	[[ $output != *张无忌* ]]
	run -22 curl -sf "http://127.0.0.1:$port/etc/passwd"
	run -22 curl -sf -X POST "http://127.0.0.1:$port/metrics"
	stop
}

@test "a full disk: said once, nothing lost, and it goes on when there is room" {
	site 1s
	engine --port 0
	port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' log)
	until_true rows 3
	size=$(stat -c %s s/casebridge.db-wal s/casebridge.db | sort -n | tail -1)
	prlimit --pid $ENGINE --fsize=$((size + 300000)):unlimited
	ledger 1 20000 >s/inbox/b.csv
	until_true sh -c "curl -s http://127.0.0.1:$port/healthz | grep -q '\"ok\":false'"
	grep '"what":"store"' log
	grep -q 'has no room: .*It goes on when there is room again' log
	prlimit --pid $ENGINE --fsize=unlimited:unlimited
	until_true rows 20000
	until_true logged recovered
	run -0 curl -sf "http://127.0.0.1:$port/healthz"
	stop
	[ "$(sqlite3 s/casebridge.db 'pragma integrity_check')" = ok ]
}

@test "a disk that cannot be written: a sentence, and the engine starts when it can" {
	# Root too is bound by a folder's mode, without the right to ignore it.
	local as=()
	[ "$(id -u)" = 0 ] && as=(setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search)
	casebridge run in >/dev/null
	chmod 0400 s/casebridge.db
	chmod 0500 s
	run -78 "${as[@]}" casebridge serve
	[[ $output == *"cannot"* && $output == *"permission"* ]]
	chmod 0700 s
	chmod 0600 s/casebridge.db
	engine
	ledger 4 5 >s/inbox/b.csv
	until_true rows 5
	stop
}

@test "a secret that cannot be read: that account waits, and goes on when it can" {
	province
	engine
	until_true there 3
	chmod 644 s/secrets/S01
	ledger 4 5 >s/inbox/b.csv
	until_true grep -q 'S01 has mode 644' log
	there 3
	chmod 600 s/secrets/S01
	until_true there 5
	stop
}

@test "a wrong clock: nothing is scheduled by it, and a run by hand says that it is right" {
	casebridge run in >/dev/null
	sqlite3 s/casebridge.db "update run set begun_ms = begun_ms + 86400000, ended_ms = ended_ms + 86400000"
	ledger 4 5 >s/inbox/b.csv
	engine
	until_true logged clock
	[ "$(grep -c '"what":"run"' log)" = 0 ]
	run -0 casebridge run in
	rows 5
	ledger 6 7 >s/inbox/c.csv
	until_true rows 7
	[ "$(grep -c '"what":"clock"' log)" = 1 ]
	stop
}

@test "a run that the engine died in: the slot says so, and is made up once" {
	ledger 1 60000 >s/inbox/a.csv
	engine
	until_true sh -c "[ \"\$(sqlite3 s/casebridge.db 'select count(*) from case_record')\" -gt 0 ]"
	kill -9 $ENGINE
	wait $ENGINE || true
	rm log
	engine
	until_true rows 60000
	until_true logged run
	stop
	[ "$(sqlite3 s/casebridge.db "select count(*) from slot where result = 'interrupted'")" = 1 ]
	# Once more, unless the next slot came first and did it too.
	[ "$(sqlite3 s/casebridge.db "select count(*) from slot a join slot b using (flow, slot_ms) where a.result = 'interrupted' and b.number = a.number + 1")" = 1 ]
}

@test "what was missed while no engine ran is made up once" {
	site 1h
	engine
	stop
	[ "$(sqlite3 s/casebridge.db 'select count(*) from run')" = 0 ] # not before its time
	# Five hours ago it was the same: that row is the slot after next then.
	sqlite3 s/casebridge.db "update slot set slot_ms = slot_ms - 18000000, due_ms = due_ms - 18000000"
	rm log
	engine
	until_true logged run
	stop
	rows 3
	[ "$(sqlite3 s/casebridge.db 'select count(*) from run')" = 1 ]
	[[ "$(sqlite3 s/casebridge.db "select group_concat(result) from (select result from slot where result is not null order by slot_ms)")" =~ ^(covered,){4,5}ok$ ]]
	run -0 casebridge schedule list
	[[ $output == *"done"* ]]
}

@test "the unit that is installed is one that systemd understands, and shut in" {
	command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze here"
	sed "s|@PREFIX@/bin/casebridge|$OUT/casebridge|" "$BATS_TEST_DIRNAME/../../core/console/casebridge@.service" >casebridge@.service
	cp casebridge@.service casebridge@site.service
	run -0 systemd-analyze verify ./casebridge@site.service
	[ -z "$output" ]
	# 0 is shut in wholly; what is left is the network, which is what it is for.
	run -0 systemd-analyze security --offline=yes --threshold=20 ./casebridge@site.service
}
