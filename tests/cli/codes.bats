load helper

# A site of which ledger-in reads three rows: one maps, one has an unknown code, one a date that is none.
prepare() {
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	ledger_csv >s/inbox/台账.csv
	casebridge run ledger-in >/dev/null || true
}

rows() { sqlite3 s/casebridge.db "select count(*) from case_record"; }

# A mapping of the site's own, with the tables of standard input, and one table field.
own() {
	mkdir -p s/mappings
	cp -r "$CASEBRIDGE_MAPPINGS"/. s/mappings
	sed -i '/<codes name="dispute-type"/,/<\/codes>/d' s/mappings/ledger.xml
	sed -i '/<test /,/<\/test>/d' s/mappings/ledger.xml
	awk -v table="$(cat)" '/<codes name="result"/ { print table } { print }' s/mappings/ledger.xml >t
	mv t s/mappings/ledger.xml
}

@test "codes: what is missing, with its table, an example and what to type" {
	run -0 casebridge codes
	has "缺少的代码行"
	[[ "$output" =~ 1\ +ledger-in\ +dispute-type\ +type\ +噪音扰民\ +#1\ T-002 ]]
	has "casebridge codes add dispute-type '噪音扰民' 我们的代码"
	has_not T-003
	run -0 casebridge codes ledger-in --json
	has '"missing":[{"count":1,"flow":"ledger-in","table":"dispute-type","field":"type","value":"噪音扰民"'
	run -64 casebridge codes nowhere
}

@test "codes: rows that no record uses, and what may have fallen to else" {
	run -0 casebridge codes ledger-in
	has "没有一条记录用到的代码行"
	[[ "$output" =~ ledger\ +dispute-type\ +type\ +marriage\ +婚姻家庭纠纷 ]]
	[[ ! "$output" =~ ledger\ +dispute-type\ +type\ +wage ]]
	own <<-'XML'
		  <codes name="dispute-type"><code here="land" there="山林"/><else here="wage" there="其他"/></codes>
	XML
	run -0 casebridge codes ledger-in
	has "落到“其余”"
	[[ "$output" =~ 1\ +dispute-type\ +type\ +wage ]]
}

@test "codes: of a flow that nothing came by, no row is unused" {
	casebridge init empty >/dev/null
	run -0 casebridge codes --site empty
	has "没有缺少的代码行"
	has "还没有导入过记录的流程，它们的代码行用没用到还说不上：ledger-in"
	has_not "没有一条记录用到的代码行"
	run -0 casebridge codes --site empty --json
	has '"unused":[]'
	run -0 casebridge codes
	has_not "还没有导入过"
	# The books of the grid's accounts are all its own.
	run -0 sqlite3 s/casebridge.db "update word set word = 'ledger/rows@a' where word = 'ledger/rows'"
	run -0 casebridge codes
	has_not "还没有导入过"
}

# The line behind the last row of the table, in the file as it is shipped.
row_behind() {
	awk '/<codes name="dispute-type"/ { in_table = 1 } in_table && /<code / { last = NR }
		in_table && /<\/codes>/ { print last + 1; exit }' "$CASEBRIDGE_MAPPINGS/ledger.xml"
}

@test "codes add: the row is written like the last one, and the record goes on" {
	line=$(row_behind)
	run -0 casebridge codes add dispute-type 噪音扰民 noise --mapping ledger
	has "mappings/ledger.xml:$line：噪音扰民 对 noise"
	has "新增 1"
	has "放行 1 条"
	[ "$(rows)" = 2 ]
	[[ "$(sed -n "${line}p" s/mappings/ledger.xml)" =~ ^"    <code here=\"noise\""\ +"there=\"噪音扰民\"/>"$ ]]
	# One line more and nothing else.
	diff "$CASEBRIDGE_MAPPINGS/ledger.xml" s/mappings/ledger.xml >d || true
	[ "$(wc -l <d)" = 2 ]
	run -0 casebridge codes
	has "没有缺少的代码行"
	[ "$(sqlite3 s/casebridge.db "select object from audit where what='codes-add'" | grep -c "mappings/ledger.xml:$line\$")" = 1 ]
}

@test "codes add: a code of ours that has a row is only read" {
	run -0 casebridge codes add dispute-type 噪音扰民 neighbour --mapping ledger
	has "只用于读入"
	[[ "$(sed -n "$(row_behind)p" s/mappings/ledger.xml)" =~ ^"    <code here=\"neighbour\""\ +"there=\"噪音扰民\" way=\"in\"/>"$ ]]
	[ "$(rows)" = 2 ]
}

@test "codes add: what the checker refuses is not written" {
	run -78 casebridge codes add dispute-type 讨薪 land --mapping ledger
	has "ledger.xml:$(row_behind)"
	[ ! -e s/mappings/ledger.xml ]
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what='codes-add'")" = 0 ]
}

@test "codes add: a dry run shows and changes nothing" {
	run -0 casebridge codes add dispute-type 噪音扰民 noise --mapping ledger --dry-run
	has "试运行"
	[ ! -e s/mappings ]
	[ "$(rows)" = 1 ]
}

@test "codes add: several mappings have such a table, none has" {
	sed -i 's|</site>|<connection name="grid" connector="grid"><set name="base" value="https://grid.example.cn"/><account name="a"><set name="user" value="u"/><secret name="password" file="secrets/a"/></account></connection><import name="grid-in" from="grid/events"/></site>|' s/site.xml
	(umask 077 && echo geheim >s/secrets/a)
	run -64 casebridge codes add dispute-type x y
	has "--mapping ledger"
	has "--mapping grid-event"
	run -64 casebridge codes add dispute-tipe x y
	has "dispute-type"
}

@test "codes add: tabs, CR LF, a remark behind the row, rows on one line" {
	own < <(printf '\t<codes name="dispute-type">\r\n\t\t<code there="讨薪" here="wage"/> <!-- 欠薪 -->\r\n\t\t<else hold="问人"/>\r\n\t</codes>\r\n')
	run -0 casebridge codes add dispute-type 噪音扰民 noise --mapping ledger
	[ "$(grep -n 噪音扰民 s/mappings/ledger.xml | cat -A | sed 's/^[0-9]*://')" = "$(printf '\t\t<code there="噪音扰民" here="noise"/>\r\n' | cat -A)" ]
	grep -q '欠薪 -->'$'\r''$' s/mappings/ledger.xml
	own <<<'  <codes name="dispute-type"><code here="wage" there="讨薪"/></codes>'
	run -0 casebridge codes add dispute-type '甲&"乙' noise --mapping ledger
	grep -q '<codes name="dispute-type"><code here="wage" there="讨薪"/><code here="noise" there="甲&amp;&quot;乙"/></codes>' s/mappings/ledger.xml
}

@test "codes add: a CSV keeps its charset, its line ends and its columns" {
	own <<<'  <codes name="dispute-type" href="codes/kinds.csv"/>'
	printf 'here,label,there,way\r\nwage,讨薪,讨薪,\r\n' | iconv -f utf-8 -t gb18030 >s/mappings/codes/kinds.csv
	run -1 casebridge codes add dispute-type '噪音,扰民' noise --mapping ledger
	has "kinds.csv:3"
	cmp <(printf 'here,label,there,way\r\nwage,讨薪,讨薪,\r\nnoise,,"噪音,扰民",\r\n' | iconv -f utf-8 -t gb18030) s/mappings/codes/kinds.csv
	run -0 casebridge codes add dispute-type 噪音扰民 wage --mapping ledger
	cmp <(printf 'here,label,there,way\r\nwage,讨薪,讨薪,\r\nnoise,,"噪音,扰民",\r\nwage,,噪音扰民,in\r\n' | iconv -f utf-8 -t gb18030) s/mappings/codes/kinds.csv
	has "放行 1 条"
}

@test "codes add: a row of a dictionary says its kind" {
	own <<<'  <codes name="dispute-type" href="codes/kinds.csv" kind="AJLX"/>'
	printf 'kind,there,here\nAJLX,讨薪,wage\nJG,讨薪,agreed\n' >s/mappings/codes/kinds.csv
	run -0 casebridge codes add dispute-type 噪音扰民 noise --mapping ledger
	cmp <(printf 'kind,there,here\nAJLX,讨薪,wage\nJG,讨薪,agreed\nAJLX,噪音扰民,noise\n') s/mappings/codes/kinds.csv
}

@test "codes add: a CSV without a column for the way gets one more word in the row" {
	own <<<'  <codes name="dispute-type" href="codes/kinds.csv"/>'
	printf '\xef\xbb\xbfhere,there,label\nwage,讨薪,讨薪' >s/mappings/codes/kinds.csv
	run -0 casebridge codes add dispute-type 噪音扰民 wage --mapping ledger
	cmp <(printf '\xef\xbb\xbfhere,there,label\nwage,讨薪|噪音扰民,讨薪') s/mappings/codes/kinds.csv
	[ "$(rows)" = 2 ]
}
