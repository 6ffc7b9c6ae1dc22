load helper

# A site with the ledger's mapping as its own, so that it can be changed.
prepare() {
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	mkdir -p s/mappings
	cp "$CASEBRIDGE_MAPPINGS/ledger.xml" s/mappings/
	cp -r "$CASEBRIDGE_MAPPINGS/codes" s/mappings/
	good=$(sha256sum <s/mappings/ledger.xml)
}

rows() { # A NAME FOR THE CASES: a document of one row
	ledger_csv | sed -n 1,2p | sed "s/T-/$1-/" >"s/inbox/$1.csv"
}
mediator() { sqlite3 s/casebridge.db "select ifnull(mediator_name, '') from case_record where number = '$1-001'"; }

# From now on the mapping looks for the mediator where there is none, and its samples say so.
break_it() { sed -i 's|here="mediator/name" *there="调解员"|here="mediator/name" there="调解人"|' s/mappings/ledger.xml; }
mend_it() { cp "$CASEBRIDGE_MAPPINGS/ledger.xml" s/mappings/; }

@test "a mapping whose own samples fail is not taken up: the last one that passed stays" {
	rows A
	run -0 casebridge run ledger-in
	break_it
	[ "$good" != "$(sha256sum <s/mappings/ledger.xml)" ]
	rows B
	run --separate-stderr -1 casebridge run ledger-in
	has "新增 1"
	[[ "$stderr" == *"ledger.xml 没有启用：自带的样例有"*"个不通过；仍用"* ]]
	[ "$(mediator B)" = 王调解 ]
	# What was stored under it is told by its texts.
	run -0 casebridge why case B-001 mediator/name
	has 调解员
	has_not 调解人
}

@test "status says so loudly, at the top; check finds it" {
	rows A
	casebridge run ledger-in
	break_it
	run -0 casebridge status
	[[ "${lines[0]}" == "!! 映射 "*"没有启用"*"仍用"* ]]
	rows B
	casebridge run ledger-in || true
	run -0 casebridge status --lang en
	[[ "${lines[0]}" == "!! mapping "*"is not in force"*"stays until they pass"* ]]
	run -0 casebridge status --json
	has '"mappings-not-in-force":[{"file":'
	run -78 casebridge check
	has "样例有"
	run -78 casebridge check --json
	has '"ok":false'
	mend_it
	run -0 casebridge check
	run -0 casebridge status
	has_not "!!"
}

@test "it is taken up when its samples pass again" {
	rows A
	casebridge run ledger-in
	break_it
	rows B
	casebridge run ledger-in || true
	# The samples are brought in line with what the mapping does now.
	sed -i '/<test/,/<\/test>/d' s/mappings/ledger.xml
	rows C
	run --separate-stderr -0 casebridge run ledger-in
	[ -z "$stderr" ]
	[ "$(mediator C)" = "" ]
	mend_it
	rows D
	run -0 casebridge run ledger-in
	[ "$(mediator D)" = 王调解 ]
	# Which one is in force is not the newest text, but the one that passed last.
	break_it
	rows E
	run -1 casebridge run ledger-in
	[ "$(mediator E)" = 王调解 ]
}

@test "where no version ever passed, nothing is done, and nothing is taken" {
	break_it
	rows A
	run -78 casebridge run ledger-in
	has "也没有以前通过的版本可用"
	[ -e s/inbox/A.csv ]
	run -0 casebridge status
	has "没有以前通过的版本"
	mend_it
	run -0 casebridge run ledger-in
	has "新增 1"
}

@test "a code table that it names counts as much as its own text" {
	rows A
	casebridge run ledger-in
	grep -q 知和 s/mappings/codes/studio-names.csv
	sed -i 's/知和/不知和/' s/mappings/codes/studio-names.csv
	run -78 casebridge check
	has "样例有 4 个不通过"
	rows B
	run -1 casebridge run ledger-in
	has "新增 1"
	cp "$CASEBRIDGE_MAPPINGS/codes/studio-names.csv" s/mappings/codes/
	run -0 casebridge run ledger-in
}

@test "a dry run goes by the same rule, and keeps nothing" {
	rows A
	casebridge run ledger-in
	break_it
	rows B
	before=$(sqlite3 s/casebridge.db .dump | sha256sum)
	run -1 casebridge run ledger-in --dry-run
	has "新增 1"
	[ "$before" = "$(sqlite3 s/casebridge.db .dump | sha256sum)" ]
}

@test "held records are mapped again by what is in force" {
	ledger_csv | sed -n '1p;3p' >s/inbox/x.csv
	run -1 casebridge run ledger-in
	has "挂起 1"
	break_it
	run -1 casebridge held retry
	has "挂起 1"
	run -0 casebridge held
	has 噪音扰民
}

@test "preview compares with what is in force, not with a file whose samples fail" {
	rows A
	casebridge run ledger-in
	{ cat s/mappings/ledger.xml; echo "<!-- another version -->"; } >new.xml
	cp -r s/mappings/codes .
	break_it
	casebridge run ledger-in || true
	run -0 casebridge map preview new.xml
	has "内容不变 1"
}
