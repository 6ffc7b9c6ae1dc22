load helper

# A site with one account at the simulated platform, and a ledger of closed cases.
prepare() {
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv \
		>sim.log 2>&1 3>&- &
	echo $! >pid
	for _ in $(seq 200); do [ -s port ] && break; sleep 0.05; done
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	IFS=$'\t' read -r _ _ _ _ app secret < <(grep ^S01 studios.tsv)
	cat >s/site.xml <<-XML
		<site name="慈溪市司法局" model="mediation">
		<connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
		<connection name="province" connector="province">
		<set name="base" value="http://127.0.0.1:$(cat port)"/>
		<account name="S01"><set name="app" value="$app"/><secret name="secret" file="secrets/s1"/></account>
		</connection>
		<import name="ledger-in" from="ledger/rows"/>
		<export name="out" to="province/cases" when="status='closed'"/></site>
	XML
	casebridge account set province/S01 <<<"$secret" >/dev/null
}

teardown() { kill "$(cat pid)"; }

# ledger FROM TO: closed cases into the store.
ledger() {
	{
		echo '序号,案件编号,调解工作室,纠纷名称,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注'
		for i in $(seq "$1" "$2"); do
			printf '%d,T-%03d,和顺调解工作室,张三与李四工资纠纷,2024/3/8,%s,讨薪,"12,000.50",%s,王调解,张三,,/,李四,13911111111,\n' \
				"$i" "$i" "${3-2024/3/20}" "${4-成功}"
		done
	} >"s/inbox/$1.csv"
	casebridge run ledger-in >/dev/null
}
there() { sqlite3 platform.db "$1"; }
knob() { curl -s -o /dev/null -X POST "http://127.0.0.1:$(cat port)/-/set?$1"; }

# What was entered there by hand, under our number or another.
by_hand() {
	there "INSERT INTO case_file SELECT '$2', account, 'PT-HAND-$2', 1, replace(body, '$1', '$2'), stored_at FROM case_file WHERE ajbh = '$1';
	       INSERT INTO revision SELECT '$2', 1, account, replace(body, '$1', '$2'), stored_at FROM revision WHERE ajbh = '$1'"
}

@test "adopt: what was entered by hand is linked and not sent again, later changes are corrections" {
	ledger 1 1
	casebridge run out >/dev/null
	by_hand T-001 T-002
	by_hand T-001 X-900
	by_hand T-001 T-003
	ledger 2 2
	ledger 3 3 / / # not closed: not to be sent yet
	run -1 casebridge adopt out --dry-run
	has "对方持有 4 = 认领 1 + 已知 1 + 我方没有 1 + 不该报 1 + 在途 0"
	run -1 casebridge adopt out
	has "认领 1"
	has "X-900"
	has "T-003"
	run -1 casebridge adopt out --json
	has '"listed":4,"linked":0,"known":2,"unknown":1,"unfit":1,"busy":0'
	before=$(there 'SELECT count(*) FROM arrival')
	run -0 casebridge run out
	[ "$(there 'SELECT count(*) FROM arrival')" = "$before" ]
	run -0 casebridge show case T-002
	has "PT-HAND"
	# A change of ours goes up as a correction of what they had.
	sed 's/李四/李肆/g' s/inbox/done/2.csv >s/inbox/2b.csv
	casebridge run ledger-in >/dev/null
	run -0 casebridge run out
	[ "$(there "SELECT verdict FROM arrival WHERE ajbh = 'T-002'")" = update ]
	[ "$(there "SELECT count(*) FROM arrival WHERE ajbh = 'T-003'")" = 0 ]
}

@test "reconcile: four lists, one action each" {
	ledger 1 12
	casebridge run out >/dev/null
	run -0 casebridge reconcile out
	has "相符 12，对方缺 0，对方多 0，内容不同 0，未定 0"
	there "DELETE FROM case_file WHERE ajbh IN ('T-003', 'T-004'); DELETE FROM revision WHERE ajbh IN ('T-003', 'T-004');
	       UPDATE case_file SET body = replace(body, '李四', '李五') WHERE ajbh = 'T-005'; UPDATE revision SET body = replace(body, '李四', '李五') WHERE ajbh = 'T-005'"
	by_hand T-001 X-900
	run -1 casebridge reconcile out
	has "相符 9，对方缺 2，对方多 1，内容不同 1，未定 0"
	has "T-003"
	has "X-900"
	has "title、party/name"
	has_not "李五"
	run -1 casebridge reconcile out --act missing --dry-run
	run -1 casebridge reconcile out --json
	has '"missing":2,"extra":1,"different":1,"doubt":0'
	run -1 casebridge reconcile out --act missing
	run -1 casebridge reconcile out --act different
	run -0 casebridge deliveries out --state conflict
	has "T-005"
	casebridge run out >/dev/null || true
	[ "$(there "SELECT count(*) FROM case_file WHERE ajbh IN ('T-003', 'T-004')")" = 2 ]
	run -1 casebridge reconcile out
	has "对方缺 0，对方多 1，内容不同 0，未定 1"
	run -64 casebridge reconcile out --act extra
	run -64 casebridge reconcile ledger-in
}

@test "reconcile: equal counts may hide what differs; --deep looks at each" {
	ledger 1 3
	casebridge run out >/dev/null
	there "UPDATE case_file SET body = replace(body, '李四', '李五') WHERE ajbh = 'T-002'; UPDATE revision SET body = replace(body, '李四', '李五') WHERE ajbh = 'T-002'"
	# An hour ago, in both books.
	there "UPDATE case_file SET stored_at = stored_at - 3600000; UPDATE revision SET stored_at = stored_at - 3600000"
	sqlite3 s/casebridge.db "UPDATE member SET ended_ms = ended_ms - 3600000"
	run -0 casebridge reconcile out
	run -1 casebridge reconcile out --deep
	has "相符 2，对方缺 0，对方多 0，内容不同 1"
}

@test "receipts that come later are matched, a review that turns down is not passed over" {
	knob review-s=3600
	knob review-refuses=3
	ledger 1 5
	run -0 casebridge run out
	[ "$(sqlite3 s/casebridge.db "SELECT count(*) FROM delivery WHERE receipt IS NOT NULL")" = 0 ]
	run -0 casebridge statement out --month "$(TZ=Asia/Shanghai date +%Y-%m)" --json
	has '"sent":5,"corrected":0,"withdrawn":0,"without-receipt":5'
	knob skip-s=4000
	sqlite3 s/casebridge.db "DELETE FROM cursor WHERE stream LIKE '%receipts-asked'" # an hour has passed
	run casebridge run out
	[ "$(sqlite3 s/casebridge.db "SELECT count(*) FROM delivery WHERE receipt IS NOT NULL AND state = 'accepted'")" = 4 ]
	run -0 casebridge held
	has "审核未通过"
	run -0 casebridge statement out --month "$(TZ=Asia/Shanghai date +%Y-%m)" --json
	has '"without-receipt":1'
}

held() { sqlite3 s/casebridge.db "SELECT coalesce(group_concat(key), '') FROM (SELECT key FROM held ORDER BY key)"; }
ask_again() { sqlite3 s/casebridge.db "DELETE FROM cursor WHERE stream LIKE '%receipts-asked'"; } # an hour has passed

@test "a receipt of nothing is held with its reason, and settled when there is something" {
	ledger 1 1
	casebridge run out >/dev/null
	by_hand T-001 T-002
	by_hand T-001 T-003
	ask_again
	run casebridge run out
	has "2 条回执的编号不是本流程报的，已挂起（casebridge held out）"
	[ "$(held)" = T-002,T-003 ]
	run -0 casebridge held out
	has "回执对不上"
	has "没有用这个编号报过"
	id=$(sqlite3 s/casebridge.db "SELECT id FROM held WHERE key = 'T-002'")
	run -0 casebridge held show "$id"
	has "PT-HAND-T-002"
	has_not "其中第几条"
	run -0 casebridge held show "$id" --json
	has '"result":"accepted","receipt":"PT-HAND-T-002"'
	# Nothing is a row of theirs that could be corrected in a table.
	run -0 casebridge held export x.csv
	has "没有"
	# Still nothing: it stays. Linked: it is settled at once where a person asks.
	run -1 casebridge held retry out
	has "对不上的回执 2 条，现在对上 0 条"
	ledger 2 2
	casebridge adopt out >/dev/null || true
	sqlite3 s/casebridge.db "UPDATE delivery SET receipt = NULL WHERE key = 'T-002'"
	run -1 casebridge held retry
	has "out：对不上的回执 2 条，现在对上 1 条"
	[ "$(held)" = T-003 ]
	[ "$(sqlite3 s/casebridge.db "SELECT state || ' ' || receipt FROM delivery WHERE key = 'T-002'")" = "accepted PT-HAND-T-002" ]
	# And by itself, when receipts are asked for next.
	ledger 3 3
	casebridge adopt out >/dev/null || true
	ask_again
	casebridge run out >/dev/null
	[ "$(held)" = "" ]
	run -0 casebridge held
	has "没有挂起"
}

@test "a receipt from before we sent it says nothing of what we sent" {
	ledger 1 1
	casebridge run out >/dev/null
	by_hand T-001 T-003
	knob review-refuses=3
	ask_again
	casebridge run out >/dev/null 2>&1
	[ "$(held)" = T-003 ]
	there "DELETE FROM case_file WHERE ajbh = 'T-003'; DELETE FROM revision WHERE ajbh = 'T-003'"
	knob review-refuses=none
	ledger 3 3
	ask_again
	run -0 casebridge run out
	[ "$(held)" = "" ]
	[ "$(sqlite3 s/casebridge.db "SELECT state FROM delivery WHERE key = 'T-003'")" = accepted ]
}

@test "statement: a table, and a page to be stamped" {
	ledger 1 3
	casebridge run out >/dev/null
	month=$(TZ=Asia/Shanghai date +%Y-%m)
	run -0 casebridge statement out --month "$month" --out 清单.csv
	has "合计"
	[ "$(wc -l <清单.csv)" = 4 ]
	grep -q 'T-002,S01,上报,.*,PT' 清单.csv
	run -0 casebridge statement out --month "$month" --out 清单.html
	[ "$(grep -c '<tr><td>' 清单.html)" = 3 ]
	grep -q 单位盖章 清单.html
	run -64 casebridge statement out --out 清单.pdf
	run -64 casebridge statement out --month 2024-13
}
