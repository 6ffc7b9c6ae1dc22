#!/bin/sh
# demo.sh - the main job, on loopback: grid and ledger in, province out, results
# back to the grid; then everything again, and a kill -9 in the middle of an upload.
#
# Every figure at the end is read from the three systems' own books.
set -eu
OUT=${OUT:-build/release}
SEED=${SEED:-20240331}
EVENTS=${EVENTS:-3000}
HERE=$PWD
export PATH="$HERE/$OUT:$PATH" CASEBRIDGE_LANG="${CASEBRIDGE_LANG:-zh}"
DEMO=$HERE/$OUT/demo
SITE=$DEMO/site
rm -rf "$DEMO"
mkdir -p "$DEMO"
began=$(date +%s)

step() { printf '\n\033[1m== %s\033[0m\n' "$1"; }
sql() { sqlite3 -batch "$1" "$2"; }
fail() { printf '\n演示失败 / demo failed: %s\n' "$1" >&2; exit 1; }
# Held records are part of the demo: 1 is "done, some held".
casebridge_run() {
	rc=0
	casebridge --site "$SITE" run "$@" || rc=$?
	[ "$rc" -le 1 ] || fail "run $* → $rc"
}
knob() { curl -s -o /dev/null -X POST "http://127.0.0.1:$1/-/fault?$2" || true; }

pids=
stop_all() { for p in $pids; do kill "$p" 2>/dev/null || true; done; }
trap stop_all EXIT INT TERM

step "一、三个系统 / three systems（seed $SEED）"
"$OUT/sim/generate" studios "$DEMO/studios.tsv"
# Until yesterday: an event that comes in between two runs would be news, and not a repetition.
UNTIL=$(date -d yesterday +%F)
"$OUT/sim/generate" grid --events "$EVENTS" --seed "$SEED" --until "$UNTIL" "$DEMO/grid.db"
"$OUT/sim/generate" ledger --grid "$DEMO/grid.db" --seed "$SEED" --until "$UNTIL" --planted "$DEMO/planted.tsv" \
	--retold "$DEMO/retold.tsv" "$DEMO/台账.csv"
"$OUT/sim/grid" --port 0 --port-file "$DEMO/grid.port" --ledger "$DEMO/grid.db" --seed "$SEED" >"$DEMO/grid.log" 2>&1 &
pids="$pids $!"
"$OUT/sim/platform" --port 0 --port-file "$DEMO/platform.port" --ledger "$DEMO/platform.db" \
	--accounts "$DEMO/studios.tsv" --seed "$SEED" >"$DEMO/platform.log" 2>&1 &
pids="$pids $!"
n=0
while [ ! -s "$DEMO/grid.port" ] || [ ! -s "$DEMO/platform.port" ]; do
	n=$((n + 1))
	[ $n -lt 100 ] || fail "模拟系统没有启动 / the simulators did not start"
	sleep 0.1
done
GRID=$(cat "$DEMO/grid.port")
PLATFORM=$(cat "$DEMO/platform.port")

step "二、建站 / a site for Cixi with its 22 studios"
casebridge init "$SITE"
{
	cat <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="慈溪市司法局（演示）" model="mediation" zone="+08:00">
	  <connection name="grid" connector="grid">
	    <set name="base" value="http://127.0.0.1:$GRID"/>
	    <set name="since" value="$(date -d '40 days ago' +%F)"/>
	    <account name="cixi">
	      <set name="user" value="cx01"/>
	      <secret name="password" file="secrets/grid-cixi"/>
	    </account>
	  </connection>
	  <connection name="province" connector="province">
	    <set name="base" value="http://127.0.0.1:$PLATFORM"/>
	XML
	tail -n +2 "$DEMO/studios.tsv" | while IFS='	' read -r code name town field app secret; do
		printf '    <account name="%s" for="studio/code='"'%s'"'"><!-- %s，%s -->\n' "$code" "$code" "$name" "$town"
		printf '      <set name="app" value="%s"/><secret name="secret" file="secrets/province-%s"/>\n' "$app" "$code"
		printf '    </account>\n'
	done
	cat <<-XML
	  </connection>
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <connection name="studios" connector="studios"><set name="folder" value="studios"/></connection>

	  <import name="studios-in"   from="studios/rows"/>
	  <import name="grid-in"      from="grid/events" every="10m"/>
	  <import name="ledger-in"    from="ledger/rows" every="1h"/>
	  <export name="province-out" to="province/cases" when="status='closed'"/>
	  <export name="grid-back"    to="grid/results"   when="source/system='grid' and result"/>
	</site>
	XML
} >"$SITE/site.xml"
mkdir -p "$SITE/studios"
cut -f 1-4 "$DEMO/studios.tsv" >"$SITE/studios/studios.tsv" # without the accounts' secrets
tail -n +2 "$DEMO/studios.tsv" | while IFS='	' read -r code name town field app secret; do
	printf '%s\n' "$secret" | casebridge --site "$SITE" account set "province/$code" >/dev/null
done
printf 'made-up-grid-password\n' | casebridge --site "$SITE" account set grid/cixi >/dev/null
casebridge --site "$SITE" check || fail check

step "三、收案：网格与台账（网格偶尔返回 503）/ cases in"
knob "$GRID" "503=0.05"
casebridge_run studios-in
casebridge_run grid-in
cp "$DEMO/台账.csv" "$SITE/inbox/"
casebridge_run ledger-in
knob "$GRID" "503=0"

step "四、同一件纠纷只留一件：网格来过、工作室又另立编号的 / one dispute, once: what the studio had under a number of its own"
casebridge --site "$SITE" dup run || fail "dup run"
STORE=$SITE/casebridge.db
# What was planted, beside what was found. wrong: in one cluster, and nobody planted it.
found() {
	sqlite3 -batch -separator '	' "$STORE" "
		CREATE TEMP TABLE told (grid TEXT, ledger TEXT, kind TEXT, how TEXT);" ".import '$DEMO/retold.tsv' told" "
		CREATE TEMP TABLE seen AS SELECT t.kind, t.how, a._id AS low, b._id AS high,
			EXISTS (SELECT 1 FROM cluster x JOIN cluster y ON y.cluster = x.cluster
				WHERE x.record = a._id AND y.record = b._id) AS is_one,
			EXISTS (SELECT 1 FROM pair p WHERE p.low = min(a._id, b._id) AND p.high = max(a._id, b._id)
				AND p.state = 'doubtful') AS is_asked
			FROM told t JOIN case_record a ON a.number = t.grid JOIN case_record b ON b.number = t.ledger;
		$1"
}
figure() { found "SELECT count(*) FROM seen WHERE $1"; }
planted=$(figure "kind = 'same'")
sure=$(figure "kind = 'same' AND is_one")
asked=$(figure "kind = 'same' AND NOT is_one AND is_asked")
missed=$(figure "kind = 'same' AND NOT is_one AND NOT is_asked")
again=$(figure "kind = 'again'")
linked=$(sql "$STORE" "select count(*) from cluster a join cluster b on b.cluster = a.cluster and a.record < b.record")
wrong=$((linked - sure))
cat <<TABLE
另立编号的 planted                $planted
  连上的 found, sure              $sure
  给人看的 for a person           $asked
  没找到的 missed                 $missed
同样的人、另一件事 the same people, another matter   $again
  误连的 linked and wrong         $wrong
TABLE
found "SELECT '  ' || how, count(*), sum(is_one), sum(is_asked AND NOT is_one) FROM seen WHERE kind = 'same' GROUP BY how ORDER BY 2 DESC" |
	awk -F'\t' '{ printf "%-32s %3d 件：连上 %d，给人看 %d / %d planted, %d sure, %d asked\n", $1, $2, $3, $4, $2, $3, $4 }'
[ "$planted" -gt 30 ] && [ "$((sure * 10))" -ge "$((planted * 7))" ] || fail "找到的太少 / too few found: $sure of $planted"
[ "$wrong" -le 1 ] || fail "误连 $wrong 对 / $wrong pairs linked and wrong"

step "五、上报省平台：各工作室用自己的账号；中途 kill -9，再接着报 / up to the province, killed on the way"
knob "$PLATFORM" "503=0.05"
casebridge --site "$SITE" run province-out >"$DEMO/killed.log" 2>&1 &
victim=$!
n=0
while [ "$(sql "$DEMO/platform.db" 'select count(*) from case_file' 2>/dev/null || echo 0)" -lt $((EVENTS / 4)) ]; do
	n=$((n + 1))
	kill -0 "$victim" 2>/dev/null || break
	[ $n -lt 600 ] || break
	sleep 0.02
done
kill -9 "$victim" 2>/dev/null && echo "kill -9：平台此时已有 $(sql "$DEMO/platform.db" 'select count(*) from case_file') 件 / killed with that many at the platform"
wait "$victim" 2>/dev/null || true
casebridge_run province-out
knob "$PLATFORM" "503=0"

step "六、结果返回网格 / results back to the grid"
casebridge_run grid-back

step "七、全部再跑一遍：什么也不会重复 / everything again: nothing goes out twice"
arrivals=$(sql "$DEMO/platform.db" 'select count(*) from arrival')
answers=$(sql "$DEMO/grid.db" 'select sum(times_received) from result')
casebridge_run grid-in ledger-in province-out grid-back
[ "$(sql "$DEMO/platform.db" 'select count(*) from arrival')" = "$arrivals" ] || fail "平台收到了重复的案件 / the platform got cases again"
[ "$(sql "$DEMO/grid.db" 'select sum(times_received) from result')" = "$answers" ] || fail "网格收到了重复的结果 / the grid got results again"

step "八、挂起的记录，按原因 / what is held, by reason"
casebridge --site "$SITE" held || true

step "九、与省平台对账，一个月的清单 / the province's own book beside ours, a month's list"
casebridge --site "$SITE" reconcile province-out || fail reconcile
casebridge --site "$SITE" statement province-out --month "$(date +%Y-%m)" --out "$DEMO/清单.html" | tail -1

step "十、三本账 / three books"
cat <<TABLE
网格 / grid        事件 events                    $(sql "$DEMO/grid.db" 'select count(*) from event')
                   收到结果 results received      $(sql "$DEMO/grid.db" 'select count(*) from result')
本系统 / bridge    案件 cases                     $(sql "$STORE" 'select count(*) from case_record')
                   重复的只算一次 once             $(sql "$STORE" 'select count(*) from case_record_once')
                   已结案 closed                  $(sql "$STORE" "select count(*) from case_record where status='closed'")
                   省平台已收 accepted            $(sql "$STORE" "select count(*) from delivery where flow='province-out' and state='accepted'")
                   省平台退回 rejected            $(sql "$STORE" "select count(*) from delivery where flow='province-out' and state='rejected'")
                   上报挂起 held                  $(sql "$STORE" "select count(*) from delivery where flow='province-out' and state='held'")
                   网格已收结果 accepted          $(sql "$STORE" "select count(*) from delivery where flow='grid-back' and state='accepted'")
省平台 / province  案件 cases                     $(sql "$DEMO/platform.db" 'select count(*) from case_file')
                   账号 accounts used             $(sql "$DEMO/platform.db" 'select count(distinct account) from case_file')
                   报错账号 wrong account         $(sql "$DEMO/platform.db" 'select count(*) from arrival where other_studio is not null')
                   存了两次 stored twice          $(sql "$DEMO/platform.db" "select count(*) from (select ajbh from arrival where verdict='new' group by ajbh having count(*)>1)")
TABLE

accepted=$(sql "$STORE" "select count(*) from delivery where flow='province-out' and state='accepted'")
held_there=$(sql "$DEMO/platform.db" 'select count(*) from case_file')
back=$(sql "$STORE" "select count(*) from delivery where flow='grid-back' and state='accepted'")
results=$(sql "$DEMO/grid.db" 'select count(*) from result')
[ "$accepted" = "$held_there" ] || fail "本系统与省平台不符 / bridge and province differ: $accepted, $held_there"
[ "$back" = "$results" ] || fail "本系统与网格不符 / bridge and grid differ: $back, $results"
# By the province's book, and not ours: nobody's two are there.
twice=$(sqlite3 -batch "$STORE" "ATTACH '$DEMO/platform.db' AS p" "SELECT count(*) FROM (SELECT k.cluster FROM cluster k
	JOIN case_record c ON c._id = k.record JOIN p.case_file f ON f.ajbh = c.number GROUP BY 1 HAVING count(*) > 1)")
[ "$twice" = 0 ] || fail "$twice 簇在省平台有两件 / $twice clusters stand at the province twice"
[ "$accepted" -gt 0 ] && [ "$back" -gt 0 ] || fail "没有案件送达 / nothing arrived"
[ "$(sql "$DEMO/platform.db" 'select count(*) from arrival where other_studio is not null')" = 0 ] || fail "用错账号 / wrong account"

printf '\n三本账相符，用时 %s 秒 / the three books agree, %s s\n' "$(($(date +%s) - began))" "$(($(date +%s) - began))"
number=$(sql "$STORE" "select c.number from case_record c join delivery d on d.record=c._id where d.flow='province-out' and d.state='accepted' order by c._id limit 1")
cat <<NEXT

接下来可以试 / what to type next:
  export PATH="$HERE/$OUT:\$PATH" CASEBRIDGE_SITE="$SITE"
  casebridge status
  casebridge show case $number
  casebridge held
  casebridge help
NEXT
