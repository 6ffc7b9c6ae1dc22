load ../cli/helper

# Through the whole program: the worker that reads and writes is sealed.

prepare() {
	ledger_csv >台账.csv
	LEDGER=$CASEBRIDGE_MAPPINGS/ledger.xml
	casebridge map in "$LEDGER" 台账.csv 2>/dev/null >one || true
}

@test "map out writes a workbook, map in reads the same back" {
	casebridge map out "$LEDGER" one --format xlsx >two.xlsx
	[ "$(head -c 2 two.xlsx)" = PK ]
	casebridge map in "$LEDGER" two.xlsx >two
	cmp one two
}

@test "the same records make the same workbook" {
	casebridge map out "$LEDGER" one --format xlsx >a.xlsx
	casebridge map out "$LEDGER" one --format xlsx >b.xlsx
	cmp a.xlsx b.xlsx
}

@test "many rows go through, and come back" {
	for i in $(seq 3000); do sed "s/T-001/T-$i/" one; done >many
	casebridge map out "$LEDGER" many --format xlsx >many.xlsx
	casebridge map in "$LEDGER" many.xlsx >again
	cmp many again
}

@test "an id that a sheet has rounded is held" {
	cat >ids.xls <<-'HTML'
		<html><meta charset="utf-8"><table>
		<tr><th>案件编号<th>受理日期<th>案由<th>申请人<th>申请人身份证<th>被申请人</tr>
		<tr><td>T-1<td>2024-03-08<td>邻里<td>张三<td>3.30282E+17<td>李四</tr>
		<tr><td>T-2<td>2024-03-08<td>邻里<td>张三<td>11010519491231002X<td>李四</tr>
		</table></html>
	HTML
	run --separate-stderr -1 casebridge map in "$LEDGER" ids.xls
	[ "${#lines[@]}" = 1 ]
	has '"number":"T-2"'
	output=$stderr
	has '"key":"T-1","findings":[{"code":"idcard"'
}

@test "a page in GBK is read too" {
	printf '<table><tr><td>案件编号<td>受理日期<td>案由<td>申请人<td>被申请人<tr><td>T-1<td>2024-03-08<td>邻里<td>张三<td>李四</table>' |
		iconv -f utf-8 -t gb18030 >gb.xls
	run --separate-stderr -0 casebridge map in "$LEDGER" gb.xls
	has '"name":"张三"'
}

@test "what is no workbook is one sentence" {
	cp 台账.csv 台账.xlsx
	run --separate-stderr -78 casebridge map in "$LEDGER" 台账.xlsx
	[[ "$stderr" == *.csv* ]]
	head -c 900 <(casebridge map out "$LEDGER" one --format xlsx) >cut.xlsx
	run --separate-stderr -65 casebridge map in "$LEDGER" cut.xlsx
	[[ "$stderr" == *不完整* ]]
	[ "$(wc -l <<<"$stderr")" = 1 ]
}

@test "the format of a table can be said, and only one that there is" {
	run --separate-stderr -0 casebridge map out "$LEDGER" one --format csv
	has 案件编号
	run --separate-stderr -78 casebridge map out "$LEDGER" one --format xls
	[[ "$stderr" == *"csv 或 xlsx"* ]]
}

@test "a ledger of workbooks is imported with the others, and kept" {
	casebridge map out "$LEDGER" one --format xlsx >一.xlsx
	sed 's/T-001/T-777/' one | casebridge map out "$LEDGER" --format xlsx >二.xlsx
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	cp 一.xlsx 二.xlsx s/inbox/
	run --separate-stderr -0 casebridge run ledger-in
	has "读取 2 = 新增 2 + 变更 0 + 未变 0 + 挂起 0"
	[ -e s/inbox/done/二.xlsx ]
	cp 一.xlsx s/inbox/三.xlsx
	run -0 casebridge run ledger-in
	has "读取 1 = 新增 0 + 变更 0 + 未变 1"
}
