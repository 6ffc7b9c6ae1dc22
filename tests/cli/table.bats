load helper

@test "map table: ours, theirs, the rule in words, in the order of the file" {
	run -0 casebridge map table "$CASEBRIDGE_MAPPINGS/ledger.xml"
	[[ "${lines[0]}" == "乡镇台账（ledger）⇄ 纠纷案件，映射版本 "* ]]
	[[ "${lines[1]}" =~ ^名称\ +我方字段\ +类型\ +对方字段\ +必填\ +方向\ +往返\ +规则\ +备注$ ]]
	[[ "${lines[2]}" =~ ^案件编号\ +number\ +文字\ +案件编号\ +必填\ +双向\ +归一\ +记录的标识 ]]
	has "格式 yyyy-MM-dd（也读 yyyy/M/d、yyyy.M.d、yyyy年M月d日）"
	has "调解成功|成功=agreed"
	has "“/”表示没有"
	has "party[role='applicant']/id-number"
	has "身份证号，验校验码"
}

@test "map table: columns stand straight under Chinese text" {
	run -0 casebridge map table "$CASEBRIDGE_MAPPINGS/grid-result.xml"
	# 结案日期 closed 日期: the narrow column begins at one place, counted in cells.
	[[ "${lines[4]}" == "调解结果              result     代码  TJJG"* ]]
	[[ "${lines[5]}" == "结案日期              closed     日期  JASJ"* ]]
}

@test "map table: lists, conditions, what is passed by and what is not used" {
	run -0 casebridge map table "$CASEBRIDGE_MAPPINGS/grid-event.xml"
	has "列表对列表；最少项数 1"
	has "GXRS/GXR/GXRXM"
	has "0901|0902|0903|0904=略过（不属人民调解）"
	has "只读入"
	has "当 SCBS='1'：固定写 yes"
	has "22 行，见 codes/studio-codes.csv"
	has "网格平台内部时间戳"
}

@test "map table --out is for Excel: a workbook, or a CSV with a BOM and CR LF" {
	run -0 casebridge map table "$CASEBRIDGE_MAPPINGS/ledger.xml" --out list.csv
	[ "$(head -c 3 list.csv | od -An -tx1 | tr -d ' ')" = efbbbf ]
	[ "$(grep -c $'\r$' list.csv)" = "$(wc -l <list.csv)" ]
	[[ "$(sed -n 2p list.csv)" == 案件编号,number,文字,案件编号,必填,双向,归一,* ]]
	run -0 casebridge map table "$CASEBRIDGE_MAPPINGS/ledger.xml" --out list.xlsx
	[ "$(head -c 2 list.xlsx)" = PK ]
	# What a reader of workbooks sees in it is what stands in the CSV.
	run -0 casebridge map new --from list.xlsx --entity case
	for name in 名称 我方字段 对方字段 必填 方向 往返 规则 备注; do has "there=\"$name\""; done
	run -64 casebridge map table "$CASEBRIDGE_MAPPINGS/ledger.xml" --out list.pdf
	has ".xlsx"
}

@test "map table works for every mapping that comes with us, as JSON too, in English too" {
	for file in "$CASEBRIDGE_MAPPINGS"/*.xml; do
		run -0 casebridge map table "$file"
		[ "${#lines[@]}" -gt 3 ]
		run -0 casebridge map table "$file" --json --lang en
		has '"fields":[{"label":'
		if command -v python3; then python3 -c 'import json,sys; json.loads(sys.argv[1])' "$output"; fi
	done
}

@test "map table points at the mistakes of a mapping that cannot be read" {
	echo '<mapping name="x"/>' >x.xml
	run -78 casebridge map table x.xml
	has "x.xml:1:1"
}

@test "map table of a file that is not there: one sentence, its name once" {
	run -78 casebridge map table nowhere.xml
	[ "${lines[0]}" = "nowhere.xml: 读不了：不存在" ]
}
