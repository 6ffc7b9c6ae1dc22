load helper

# A site of its own mappings, so that they can be edited: two sources of the same case.
prepare() {
	casebridge init s >/dev/null
	cp "$ROOT/tests/cases/common/site.xml" s/site.xml
	cp -R "$ROOT/tests/cases/common/mappings" s/
	export CASEBRIDGE_SITE=$PWD/s
	cat >s/mappings/codes.xml <<-'XML'
		<library><codes name="kind"><code here="loud" there="1"/><code here="quiet" there="2"/></codes></library>
	XML
	edit 's|<there|<include href="codes.xml"/><there|'
	printf '{"number":"N1","title":"张三家漏水","amount":12.50}\n' >s/inbox/a.json
	printf 'number,title,accepted,amount,party1_name,party1_id,party2_name,party2_id\nN0,x,,1,,,,\nN1,张三家漏水,2024-03-18,99,张三,11010519491231002X,李四,\n' >s/inbox/b.csv
	casebridge run json-in table-in >/dev/null
}

# edit SED… - of the table's mapping.
edit() { sed -i "$@" s/mappings/table.xml; }

line_of() { grep -n "$1" s/mappings/table.xml | cut -d: -f1; }

@test "why says the place, the text, the line and the version" {
	run -0 casebridge why case N1 amount
	has "涉案金额 (amount) = 99"
	has "b.csv（#2）第 2 条，第 3 行"
	has "对方写的 amount：99"
	has "table.xml:$(line_of 'here="amount"')"
	[[ "$output" == *"box/table N1  ← 最后说话的是它"*"box/json N1  （后来被上面的盖过）"*"对方写的 amount：12.50"* ]]
}

@test "three later edits of the mapping change no answer about then" {
	local then version
	then=$(line_of 'here="amount"')
	version=$(sqlite3 s/casebridge.db "SELECT substr(digest,1,8) FROM source WHERE kind='mapping' AND name LIKE '%table.xml'")
	edit 's|there="amount" type="money"|there="amount" via="times(100)" type="money"|'
	edit '2i <!-- one -->\n<!-- two -->'
	edit '/here="amount"/d'
	sed -i 's/loud/noisy/' s/mappings/codes.xml
	run -0 casebridge why case N1 amount
	has "box/table N1  ← 最后说话的是它"
	has "amount = 99    table.xml:$then"
	has "版本 $version（当时的；今天的已不同）"
	run -0 casebridge why case N1 amount --json
	has '"mapping-is-todays":false,"mapping-is-exact":true'
}

@test "a later word of the other source, and of the same one under another mapping" {
	printf '{"number":"N1","title":"张三家漏水","amount":7}\n' >s/inbox/c.json
	casebridge run json-in >/dev/null
	run -0 casebridge why case N1 amount
	has "(amount) = 7"
	[[ "$output" == *"box/json N1  ← 最后说话的是它"*"对方写的 amount：7"*"box/table N1  （后来被上面的盖过）"* ]]
	edit 's|there="amount" type="money"|there="amount" via="times(100)" type="money"|'
	printf 'number,title,accepted,amount,party1_name,party1_id,party2_name,party2_id\nN1,张三家漏水,2024-03-18,99,张三,,,\n' >s/inbox/d.csv
	casebridge run table-in >/dev/null
	run -0 casebridge why case N1 amount
	has "(amount) = 9900"
	has "变换 times → 9900"
	[[ "$output" == *"box/table N1  ← 最后说话的是它"*"d.csv"* ]]
}

@test "why masks what is personal; --unmask shows it and is written down" {
	run -0 casebridge why case N1 party/id-number
	has "1101**********002X"
	has_not 11010519491231002X
	run -0 casebridge why case N1 --json
	has_not 张三
	run -0 casebridge why case N1 'party[1]/name' --unmask
	has "对方写的 party1_name：张三"
	has_not 李四
	[ "$(sqlite3 s/casebridge.db "SELECT detail FROM audit WHERE what='unmask'")" = why ]
}

@test "a field that nobody named, and one that is not there" {
	edit '/here="accepted"/d'
	printf 'number,title,amount\nN9,x,1\n' >s/inbox/e.csv
	casebridge run table-in >/dev/null
	run -0 casebridge why case N9 accepted
	has "没有哪个来源的映射提到这个字段"
	run -64 casebridge why case N9 acepted
	has "accepted"
	run -65 casebridge why case N77 amount
}

@test "why writes nothing" {
	sqlite3 s/casebridge.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	local before
	before=$(sqlite3 s/casebridge.db .dump | sha256sum)
	casebridge why case N1 >/dev/null
	[ "$before" = "$(sqlite3 s/casebridge.db .dump | sha256sum)" ]
}
