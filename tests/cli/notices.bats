# People are told: by a robot, through a proxy, in spite of a robot's bad day, and across a restart.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=zh CASEBRIDGE_SITE=$BATS_TEST_TMPDIR/s CASEBRIDGE_PAUSE_MS=200
	cd "$BATS_TEST_TMPDIR" || return 1
	"$OUT/sim/robot" --port 0 --port-file port --ledger robot.db --sign SEC-made-up --keyword 案桥 >/dev/null 2>&1 3>&- &
	ROBOT=$!
	until_true test -s port
	ROBOT_URL=http://127.0.0.1:$(cat port)
	casebridge init s >/dev/null
}

teardown() {
	kill -9 $ROBOT $PROXY $ENGINE 2>/dev/null || true
	wait 2>/dev/null || true
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

# site FLOW-ATTRIBUTES NOTICE... - an import of a book, and who is told.
site() {
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="慈溪市司法局" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <import name="in" from="ledger/rows" $1/>
	  ${*:2}
	</site>
	XML
}
WECOM='<notice name="duty" to="wecom" held="0"><secret name="webhook" file="secrets/duty"/></notice>'

wecom() {
	site "$1" "$WECOM"
	echo "$ROBOT_URL/cgi-bin/webhook/send?key=made-up-key" | casebridge account set duty >/dev/null
}

# book NAME NUMBER - a record that is held: it has no date; its party has a name and a phone.
book() {
	printf '序号,案件编号,纠纷名称,申请人,申请人电话\n%s,L-%s,漏水,张无忌,13900001111\n' "$2" "$2" >"s/inbox/$1.csv"
}

messages() { sqlite3 robot.db 'select count(*) from message'; }
has_messages() { [ "$(messages)" = "$1" ]; }
knob() { curl -sf -X POST "$ROBOT_URL/-/$1" >/dev/null; }
engine() {
	casebridge serve --log log 2>err 3>&- &
	ENGINE=$!
	until_true grep -q '"what":"start"' log
}
stop() {
	kill -TERM $ENGINE
	wait $ENGINE
}

@test "a WeCom robot says it: Chinese, and nobody's name, number or key" {
	wecom ''
	book a 1
	run -1 casebridge run in
	[ "$(sqlite3 robot.db 'select text from message')" = '【案桥】慈溪市司法局
挂起过多 in：挂起 1 条，超过 0 条；见 casebridge held' ]
	run -0 sqlite3 robot.db 'select body from message'
	[[ $output != *张无忌* && $output != *139* && $output != *L-1* ]]
	run -0 casebridge notices
	[[ $output == *"已送"*"挂起 1 条"* ]]
	run -1 grep -r made-up-key s --include=* --exclude-dir=secrets
	# The next that is held is the same cause: it is not said today.
	book b 2
	run -1 casebridge run in
	has_messages 1
	run -0 casebridge notices
	[[ $output == *"再说"*"挂起 2 条"* ]]
}

@test "a DingTalk robot that wants a signature and its keyword; a wrong one is said" {
	site '' '<notice name="ding" to="dingtalk"><secret name="webhook" file="secrets/ding"/><secret name="sign" file="secrets/ding-sign"/></notice>'
	printf '%s\n%s\n' "$ROBOT_URL/robot/send?access_token=made-up-key" SEC-made-up | casebridge account set ding >/dev/null
	run -0 casebridge notices test ding
	[ "$(sqlite3 robot.db 'select form from message')" = dingtalk ]
	echo another >s/secrets/ding-sign
	run -69 casebridge notices test ding
	[[ $output == *"errcode 310000"*"加签密钥"* ]]
	[[ $output != *made-up* ]]
}

@test "whoever takes JSON, and a folder" {
	site '' '<notice name="hook" to="json" held="0"><secret name="webhook" file="secrets/hook"/></notice><notice name="drop" to="file" folder="told" held="0"/>'
	echo "$ROBOT_URL/hook/made-up-key" | casebridge account set hook >/dev/null
	book a 1
	run -1 casebridge run in
	[ "$(sqlite3 robot.db "select json_extract(body, '$.site') || ' ' || json_extract(body, '$.notices[0].kind') || ' ' || json_extract(body, '$.notices[0].object') from message")" = "慈溪市司法局 held in" ]
	[ "$(ls s/told | wc -l)" = 1 ]
	[[ $(cat s/told/*) == '{"id":"'*'"text":"【案桥】慈溪市司法局\n挂起过多 in：'* ]]
	[ "$(stat -c %a s/told/*)" = 640 ]
}

@test "through a proxy, to a host that nobody else knows" {
	"$OUT/sim/proxy" --to "$(cat port)" --port 0 --port-file proxy-port --log proxy.log >/dev/null 2>&1 3>&- &
	PROXY=$!
	until_true test -s proxy-port
	site '' "<notice name=\"duty\" to=\"wecom\" proxy=\"http://127.0.0.1:$(cat proxy-port)\"><secret name=\"webhook\" file=\"secrets/duty\"/></notice>"
	echo "http://robot.invalid/cgi-bin/webhook/send?key=made-up-key" | casebridge account set duty >/dev/null
	run -0 casebridge notices test duty
	has_messages 1
	grep -q 'POST http://robot.invalid/' proxy.log
}

@test "a robot's bad day: 503, 429, an errcode in a 200, no answer; it is said in the end, and once" {
	wecom 'every="1s"'
	knob 'fault?503=x1'
	book a 1
	engine
	until_true has_messages 1
	stop
	[ "$(grep -c '通知 duty 没有送到，还会再送：对方应答 HTTP 503' log)" = 1 ]
	[ "$(grep -c '通知 duty 又能送到了' log)" = 1 ]

	# 429 says how long to wait, and longer it is.
	sqlite3 s/casebridge.db 'update notice set said_ms = 0, count = 1; update way set not_before = 0'
	knob 'fault?429=x1'
	rm log
	engine
	until_true has_messages 2
	stop
	[ "$(sqlite3 robot.db "select max(at) - min(at) >= 2000 from request where n > (select max(n) from request) - 2")" = 1 ]

	# Not for ever in silence: status says that it does not arrive, and why.
	sqlite3 s/casebridge.db 'update notice set said_ms = 0, count = 1; update way set not_before = 0'
	knob 'set?errcode=93000'
	rm log
	engine
	until_true grep -q 'errcode 93000：机器人地址不对' log
	run -0 casebridge notices
	[[ $output == *"!! 通知 duty 自 "*"errcode 93000"* ]]
	run -0 casebridge status
	[[ $output == *"!! 通知 duty 自 "*"errcode 93000"* ]]
	[ "$(grep -c 'errcode 93000' log)" = 1 ]
	knob 'set?errcode=0'
	until_true has_messages 3
	stop
	run -0 casebridge notices
	[[ $output != *"!!"* ]]

	# It was taken and the answer was lost: better twice than never.
	sqlite3 s/casebridge.db 'update notice set said_ms = 0, count = 1; update way set not_before = 0'
	knob 'fault?drop=x1'
	rm log
	engine
	until_true has_messages 5
	stop
	[ "$(sqlite3 robot.db "select count(*) from request where fault = 'drop'")" = 1 ]
}

@test "nobody listens at the robot's address: it is said, kept, and arrives when somebody does" {
	wecom ''
	kill -9 $ROBOT
	wait $ROBOT || true
	book a 1
	run --separate-stderr -1 casebridge run in
	[[ $output == *"读取 1 = 新增 0 + 变更 0 + 未变 0 + 挂起 1"* ]] # the run is as ever
	[[ $stderr == *"通知 duty 没有送到，还会再送："* ]]
	[[ $stderr != *made-up-key* ]]
	run -0 casebridge notices
	[[ $output == *"!! 通知 duty 自 "*"连"* ]]
	[[ $output == *"挂起 1 条"* ]]
	run -69 casebridge notices test duty
	# Not with every run, but when its pause is over.
	run --separate-stderr -0 casebridge run in
	[ -z "$stderr" ]
	"$OUT/sim/robot" --port "$(cat port)" --ledger robot.db >/dev/null 2>&1 3>&- &
	ROBOT=$!
	until_true curl -s -o /dev/null "$ROBOT_URL/"
	sqlite3 s/casebridge.db 'update way set not_before = 0'
	run --separate-stderr -0 casebridge run in
	[[ $stderr == *"通知 duty 又能送到了"* ]]
	has_messages 1
	run -0 casebridge notices
	[[ $output != *"!!"* ]]
}

# full COMMAND - with a folder of 16 kB that is full, in a name space of its own.
full() { unshare -rm bash -c "mount -t tmpfs -o size=16k none s/told && head -c 16384 /dev/zero >s/told/filler && $1"; }

@test "a folder on a full disk: it is said, no half file stays, and it is there when there is room" {
	site '' '<notice name="drop" to="file" folder="told" held="0"/>'
	mkdir s/told
	full true || skip "no disk of its own can be had here"
	book a 1
	run -0 full '
		set -e
		casebridge run in || [ $? = 1 ]
		[ "$(ls -A s/told)" = filler ] || { echo "a half file stays: $(ls -A s/told)"; exit 2; }
		casebridge notices
		echo "--- room"
		rm s/told/filler
		sqlite3 s/casebridge.db "update way set not_before = 0"
		casebridge run in
		cat s/told/*.json
		casebridge notices'
	before=${output%%--- room*} after=${output#*--- room}
	[[ $before == *"读取 1 = 新增 0 + 变更 0 + 未变 0 + 挂起 1"* ]]
	[[ $before == *"!! 通知 drop 自 "*"磁盘已满"* ]]
	[[ $after == *'"kind":"held","object":"in"'* ]]
	[[ $after != *"!!"* ]]
}

@test "an engine that dies before it could say it says it when it is back" {
	wecom 'every="1s"'
	knob 'fault?503=1'
	book a 1
	engine
	until_true grep -q '没有送到' log
	kill -9 $ENGINE
	wait $ENGINE || true
	knob 'fault?503=0'
	rm log
	engine
	until_true has_messages 1
	stop
	rm log
	engine
	until_true grep -q '"what":"run"' log
	stop
	has_messages 1
}

@test "a mapping that is not taken up is said, without its samples" {
	wecom ''
	mkdir -p s/mappings
	cp -r "$CASEBRIDGE_MAPPINGS/ledger.xml" "$CASEBRIDGE_MAPPINGS/codes" s/mappings/
	casebridge run in >/dev/null
	sed -i 's|here="mediator/name" *there="调解员"|here="mediator/name" there="调解人"|' s/mappings/ledger.xml
	run -1 casebridge run in
	run -0 sqlite3 robot.db 'select text from message'
	[[ $output == *"映射没有启用 ledger.xml：自带的样例有 "*" 个不通过，仍用上次通过的版本；见 casebridge map test" ]]
}

@test "what is wrong in a notice is said with its place" {
	site '' '<notice name="ledger" to="wecom" on="late faild"/><notice name="drop" to="file"/>'
	run -78 casebridge check
	[[ $output == *"没有“faild”这种通知；是不是“failed”"* ]]
	[[ $output == *'请加 <secret name="webhook" file="secrets/ledger"/>'* ]]
	[[ $output == *"“ledger”在第 "*" 行已经用过"* ]]
	[[ $output == *'to="file" 要写 folder'* ]]
	site '' '<notice name="duty" to="wecom"><secret name="webhook" value="http://x?key=made-up-key"/></notice>'
	run -78 casebridge check
	[[ $output != *made-up-key* ]]
}
