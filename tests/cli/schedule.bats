load helper

prepare() {
	casebridge init . >/dev/null
	sed -i 's/every="1h" label/at="workday 3 10:00" catch-up="each" label/' site.xml
}

@test "the timetable of each flow in words" {
	run -0 --separate-stderr casebridge schedule list
	has "ledger-in  每月第 3 个工作日 10:00  逐个补"
	run -0 --separate-stderr casebridge schedule list --json
	has '"timetable":"at workday 3 10:00"'
}

@test "when a flow runs next" {
	run -0 --separate-stderr casebridge schedule next ledger-in --count 3
	[ "${#lines[@]}" = 4 ]
	run -0 --separate-stderr casebridge schedule next ledger-in --json --count 2
	has '"flow":"ledger-in"'
	run -64 casebridge schedule next ledger-im
}

@test "a mistake in a timetable stands at its character" {
	sed -i 's/workday 3 10:00/workday 33 10:00/' site.xml
	run -78 casebridge check
	has "这里应是第几日，1 到 31"
}
