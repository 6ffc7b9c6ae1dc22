# Through an office's proxy, by HTTPS, to a platform whose certificate a CA of its own has signed.

load helper

prepare() {
	export CASEBRIDGE_LANG=en CASEBRIDGE_SITE=$PWD/s
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	start platform platform --ledger platform.db --accounts studios.tsv
	start robot robot --ledger robot.db
	start tls proxy --to "$(cat platform.port)" --tls province.pem
	start robot-tls proxy --to "$(cat robot.port)" --tls robot.pem
	start tunnel tunnel --log tunnel.log
	casebridge init s >/dev/null
	mkdir s/ca
	cp province.pem robot.pem s/ca/
	site 'ca-file="ca/province.pem"'
	IFS=$'\t' read -r _ _ _ _ app secret < <(grep ^S01 studios.tsv)
	casebridge account set province/S01 <<<"$secret" >/dev/null
	casebridge account set duty <<<"https://127.0.0.1:$(cat robot-tls.port)/hook/made-up-key" >/dev/null
	{
		echo '序号,案件编号,调解工作室,纠纷名称,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注'
		echo '1,T-1,和顺调解工作室,张三与李四工资纠纷,2024/3/8,2024/3/20,讨薪,100,成功,王调解,张三,,/,李四,13911111111,'
	} >s/inbox/a.csv
	casebridge run in >/dev/null
}

teardown() { kill -9 $(cat ./*.pid) 2>/dev/null || true; }

# start NAME PROGRAM OPTION... - a simulator, its port in NAME.port.
start() {
	rm -f "$1.port"
	"$OUT/sim/$2" --port 0 --port-file "$1.port" "${@:3}" >/dev/null 2>&1 3>&- &
	echo $! >"$1.pid"
	for _ in $(seq 200); do [ -s "$1.port" ] && return; sleep 0.05; done
	return 1
}

# site ATTRIBUTES - of the connection.
site() {
	cat >s/site.xml <<-XML
		<site name="t" model="mediation">
		<connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
		<connection name="province" connector="province" proxy="http://127.0.0.1:$(cat tunnel.port)" $1>
		<set name="base" value="https://127.0.0.1:$(cat tls.port)"/>
		<account name="S01"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/s1"/></account>
		</connection>
		<import name="in" from="ledger/rows"/>
		<export name="out" to="province/cases" when="status='closed'"/>
		<notice name="duty" to="json" proxy="http://127.0.0.1:$(cat tunnel.port)" ca-file="ca/robot.pem" held="0" on="held">
		<secret name="webhook" file="secrets/duty"/></notice></site>
	XML
}

there() { sqlite3 platform.db 'SELECT count(*) FROM case_file'; }
state() { sqlite3 s/casebridge.db 'SELECT state FROM delivery'; }
rest() { sqlite3 s/casebridge.db 'UPDATE pace SET rest_until_ms = 0; UPDATE delivery SET not_before = 0'; }

@test "an upload and a notice go through the tunnel, and each trusts its own CA alone" {
	run -0 casebridge check --reach
	has "province"
	run -0 casebridge run out
	has "accepted 1"
	[ "$(there)" = 1 ]
	grep -q "^CONNECT 127.0.0.1:$(cat tls.port)$" tunnel.log
	run -0 casebridge notices test duty
	[ "$(sqlite3 robot.db 'SELECT count(*) FROM message')" = 1 ]
	grep -q "^CONNECT 127.0.0.1:$(cat robot-tls.port)$" tunnel.log
	! grep -q made-up-key tunnel.log
	# The robot's certificate is none of the platform's, nor of the system's.
	sed -i 's|ca/robot.pem|ca/province.pem|' s/site.xml
	run -78 casebridge notices test duty
	has "the certificate is not to be trusted"
}

@test "a certificate that nobody vouches for: not a byte of it is sent, and a person is asked" {
	for ca in '' 'ca-file="ca/robot.pem"'; do
		site "$ca"
		run -78 casebridge run out
		has "the certificate is not to be trusted; look at the host name, the clock and the CA file"
		[ "$(state)" = ready ]
		[ "$(there)" = 0 ]
	done
	site 'ca-file="ca/none.pem"'
	run -78 casebridge run out
	has "the CA file"
	[ "$(state)" = ready ]
	site 'ca-file="ca/province.pem"'
	rest
	run -0 casebridge run out
	[ "$(there)" = 1 ]
}

@test "a proxy that refuses, hangs up or is gone: surely not sent, and it goes when it lets us" {
	for say in 403 407 502 0; do
		kill -9 "$(cat tunnel.pid)"
		start tunnel tunnel --say $say
		site 'ca-file="ca/province.pem"'
		rest
		run casebridge run out
		[ "$status" -ne 0 ]
		[ "$(state)" != in-doubt ] || { echo "in doubt after $say: $output"; false; }
		[ "$say" = 0 ] || has "$say"
	done
	kill -9 "$(cat tunnel.pid)"
	rest
	run -69 casebridge run out
	has "no connection"
	start tunnel tunnel
	site 'ca-file="ca/province.pem"'
	rest
	run -0 casebridge run out
	[ "$(there)" = 1 ]
	[ "$(sqlite3 platform.db 'SELECT count(*) FROM revision')" = 1 ]
}
