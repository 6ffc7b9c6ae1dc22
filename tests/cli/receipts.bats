# Receipts that come later, as a list in a folder: each finds what it is the receipt of, or is held.

load helper

prepare() {
	export CASEBRIDGE_LANG=en
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv >/dev/null 2>&1 3>&- &
	SIM=$!
	for _ in $(seq 100); do [ -s port ] && break; sleep 0.05; done
	casebridge init s >/dev/null
	mkdir s/lists
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <connection name="lists" connector="province-receipts"><set name="folder" value="lists"/></connection>
	  <connection name="province" connector="province"><set name="base" value="http://127.0.0.1:$(cat port)"/>
	    <account name="S01"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/S01"/></account>
	  </connection>
	  <import name="in" from="ledger/rows"/>
	  <import name="results" from="lists/rows" receipts="out"/>
	  <export name="out" to="province/cases" when="status='closed'"/>
	</site>
	XML
	sed -n 's/.*cx-s01\t//p' studios.tsv | casebridge --site s account set province/S01 >/dev/null
	studio=$(sed -n 's|^S01\t\([^\t]*\).*|\1|p' studios.tsv)
	cases 1 3
	casebridge --site s run in out >/dev/null
}

teardown() {
	kill "$SIM" 2>/dev/null || true
}

cases() { # FROM TO
	printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n' >s/inbox/a.csv
	for n in $(seq "$1" "$2"); do
		printf '%s,L-%s,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,甲,/,/,乙,/,\n' "$n" "$n" "$studio" >>s/inbox/a.csv
	done
}

list() { # FILE LINE...
	local file=$1
	shift
	{ echo '案件编号,受理号,审核结果,退回原因'; printf '%s\n' "$@"; } >"s/lists/$file"
}

state() { sqlite3 s/casebridge.db "select state || ' ' || coalesce(receipt, '-') || ' ' || coalesce(say, '-') from delivery where key = '$1'"; }

@test "a receipt finds its delivery; a refusal turns it down, with its reason" {
	was=$(state L-3)
	list a.csv 'L-1,330-1,通过,' 'L-2,,不通过,缺协议书' 'L-3,,待审,'
	run -0 casebridge --site s run results
	[ "$(state L-1)" = "accepted 330-1 -" ]
	[[ $(state L-2) == "rejected "*" 缺协议书" ]]
	[ "$(state L-3)" = "$was" ]
	[ -e s/lists/done/a.csv ]
	# Read once more, it says nothing new: what was corrected since stays as it is.
	sed -i 's/^\(2,L-2,.*\),100,/\1,200,/' s/inbox/done/a.csv
	mv s/inbox/done/a.csv s/inbox/b.csv
	casebridge --site s run in out >/dev/null
	[[ $(state L-2) == "accepted "* ]]
	mv s/lists/done/a.csv s/lists/again.csv
	run -0 casebridge --site s run results
	[[ $(state L-2) == "accepted "* ]]
	[ "$(sqlite3 s/casebridge.db 'select count(*) from receipt_record')" = 3 ]
}

@test "a receipt of nothing is held with the reason, and goes on once there is something" {
	list a.csv 'L-1,330-1,通过,' 'L-4,330-4,通过,'
	run -1 casebridge --site s run results
	[ "$(state L-1)" = "accepted 330-1 -" ]
	run -0 casebridge --site s held results
	has "a receipt of nothing"
	has "L-4"
	has "sent nothing under this key"
	cases 4 4
	casebridge --site s run in out >/dev/null
	run -0 casebridge --site s run results
	[ "$(state L-4)" = "accepted 330-4 -" ]
	run -0 casebridge --site s held results
	has_not L-4
}

@test "check says whose receipts, and what they need" {
	sed -i 's/receipts="out"/receipts="outs"/' s/site.xml
	run -78 casebridge --site s check
	has "there is no export 'outs'; did you mean 'out'?"
	sed -i 's/receipts="outs"//; s/<import name="in" from="ledger\/rows"/& receipts="out"/' s/site.xml
	run -78 casebridge --site s check
	has "has no field receipt"
}
