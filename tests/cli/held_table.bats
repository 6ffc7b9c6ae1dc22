load helper

# A ledger of which one case maps and two are held.
prepare() {
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	ledger_csv >s/inbox/台账.csv
	casebridge run ledger-in >/dev/null || true
}

# The corrections that a person would type: the unknown code, the date that is none.
correct() { sed 's/噪音扰民/邻里/; s|2024/2/31|2024/2/29|' "$1"; }

@test "held export: the input's own columns, and one that says why" {
	run -0 casebridge held export 错误.csv
	has "2 条挂起的记录"
	[ "$(stat -c %a 错误.csv)" = 600 ]
	run -0 cat 错误.csv
	[[ "${lines[0]}" == *"序号,案件编号,受理日期,结案日期,案由,"*",错误原因"* ]]
	[[ "${lines[1]}" == "2,T-002,2024/3/9,/,噪音扰民,3,成功,王调解,张三,"*",#"* ]]
	[[ "${lines[2]}" == "3,T-003,2024/2/31,"* ]]
	run -0 casebridge held export 错误.xlsx --code date
	has "1 条挂起的记录"
	[ "$(sqlite3 s/casebridge.db "SELECT count(*) FROM audit WHERE what = 'held-export'")" = 2 ]
}

@test "held import: what is right is stored, the rest is held for what it is now" {
	casebridge held export 错误.csv >/dev/null
	correct 错误.csv >改好.csv
	run -0 casebridge held import 改好.csv --dry-run
	[ "$(sqlite3 s/casebridge.db 'SELECT count(*) FROM held')" = 2 ]
	run -0 casebridge held import 改好.csv
	has "读取 2 = 新增 2 + 变更 0 + 未变 0 + 挂起 0"
	run -0 casebridge held
	has "没有挂起的记录"
	run -0 casebridge show case T-003
	has "2024-02-29"
	# The column that said why is no news of theirs.
	[ "$(sqlite3 s/casebridge.db "SELECT count(*) FROM drift WHERE name LIKE '%错误%'")" = 0 ]
	run -0 casebridge why case T-003 accepted
	has "改好.csv"
	has "2024/2/29"
}

@test "held import: half corrected, and once more" {
	casebridge held export 错误.csv >/dev/null
	sed 's/噪音扰民/邻里/' 错误.csv >半.csv
	run -1 casebridge held import 半.csv
	has "读取 2 = 新增 1 + 变更 0 + 未变 0 + 挂起 1"
	[ "$(sqlite3 s/casebridge.db 'SELECT count(*) FROM held')" = 1 ]
	casebridge held export 再.csv >/dev/null
	correct 再.csv >再改.csv
	run -0 casebridge held import 再改.csv ledger-in
	[ "$(sqlite3 s/casebridge.db 'SELECT count(*) FROM held')" = 0 ]
	# A retry reads the corrected table as it was corrected.
	run -0 casebridge held retry
}

@test "held export and import: a workbook, all of whose cells are texts" {
	casebridge held export 错误.xlsx >/dev/null
	[ "$(head -c 2 错误.xlsx)" = PK ]
	# As a person saves it again, corrected: through our own writer and reader.
	cat >表.xml <<-'X'
		<mapping name="t"><there format="table"/><here type="case"/>
		<field here="number" there="案件编号" key="yes"/></mapping>
	X
	run -0 casebridge map in 表.xml 错误.xlsx
	[ "$(grep -c '"number":"T-00[23]"' <<<"$output")" = 2 ]
	run -1 casebridge held import 错误.xlsx
	has "读取 2 = 新增 0 + 变更 0 + 未变 0 + 挂起 2"
	[ "$(sqlite3 s/casebridge.db 'SELECT count(*) FROM held')" = 2 ]
}

@test "held export needs a name that says what it is, and a flow where there are several" {
	run -64 casebridge held export 错误.pdf
	run -64 casebridge held export 错误.csv nosuch
	run -0 casebridge held drop 1 2
	run -0 casebridge held export 错误.csv
	has "没有挂起的记录"
}
