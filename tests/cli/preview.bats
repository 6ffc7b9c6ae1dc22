load helper

# A site of its own mappings, with four records stored and one held.
prepare() {
	casebridge init s >/dev/null
	cp "$ROOT/tests/cases/common/site.xml" s/site.xml
	cp -R "$ROOT/tests/cases/common/mappings" s/
	export CASEBRIDGE_SITE=$PWD/s
	cat >s/inbox/a.csv <<-'CSV'
		number,title,accepted,amount,party1_name,party1_id,party2_name,party2_id
		N1,张三家漏水,2024-03-18,1,张三,11010519491231002X,李四,
		N2,b,2024-03-18,2,张三,,,
		N3,c,2024-03-18,,张三,,,
	CSV
	cat >s/inbox/b.csv <<-'CSV'
		number,title,accepted,amount,party1_name,party1_id,party2_name,party2_id
		N4,d,2024-03-18,4,张三,,,
		N5,e,18/3/2024,5,张三,,,
	CSV
	casebridge run table-in >/dev/null || true
	cp s/mappings/table.xml new.xml
}

edit() { sed -i "$@" new.xml; }
same() { sqlite3 s/casebridge.db .dump | sha256sum; }

@test "preview counts what changes, field by field, and the sums are right" {
	edit 's|there="amount" type="money"|there="amount" via="times(100)" type="money"|'
	run -0 casebridge map preview new.xml
	has "2 份原文，读取 5 = 内容不变 1 + 内容变化 3 + 结果变化 0 + 仍不入库 1"
	has "3  amount 涉案金额"
	has "N1  1 → 100"
	run -0 casebridge map preview new.xml --json
	has '"read":5,"same":1,"changed":3,"adds-up":true'
	has '{"field":"amount","count":3,'
}

@test "preview says what is released and what is newly held" {
	edit 's|type="date"|type="date" format="yyyy-MM-dd\|d/M/yyyy"|; s|there="amount"|there="amount" need="in"|'
	run -1 casebridge map preview new.xml --against table-in
	has "入库 → 挂起  1"
	has "挂起 → 入库  1"
	[[ "$output" == *"新停下     1  amount"*"放行       1  accepted"* ]] || [[ "$output" == *"放行"*"新停下"* ]]
	run -1 casebridge map preview new.xml --json
	has '{"before":"mapped","after":"held","count":1}'
	has '"change":"released","count":1,"code":"date","field":"accepted"'
	has '"change":"stopped","count":1,"code":"need","field":"amount"'
}

@test "samples are masked, lists are compared item by item" {
	edit 's|there="title"|there="title" via="upper"|; s|there="name" need="yes"|there="id"|; s|there="id" is|there="name" bad="warn" is|'
	run -0 casebridge map preview new.xml
	has "party/name"
	has_not 张三
	has_not 11010519491231002X
}

@test "preview writes nothing, and takes days, a file, or the version before" {
	local before
	before=$(same)
	run -0 casebridge map preview new.xml --against last-1-days
	has "读取 5 = 内容不变 4"
	has "没有更早的版本"
	edit 's|there="amount" type="money"|there="amount" via="times(100)" type="money"|'
	run -0 casebridge map preview new.xml --against s/inbox/done/b.csv
	has "读取 2 = 内容不变 0 + 内容变化 1 + 结果变化 0 + 仍不入库 1"
	[ "$before" = "$(same)" ]
	cp new.xml s/mappings/table.xml
	run -0 casebridge map preview s/mappings/table.xml
	has "内容变化 3"
	run -64 casebridge map preview new.xml --against nothing
	sed -i 's/name="table"/name="other"/' new.xml
	run -78 casebridge map preview new.xml
}
