# A secret that is missing or open to others stops its own account, loudly, and nothing else.

setup() {
	bats_require_minimum_version 1.5.0
	export PATH=$OUT:$PATH CASEBRIDGE_LANG=en CASEBRIDGE_SITE=$BATS_TEST_TMPDIR/s
	cd "$BATS_TEST_TMPDIR" || return 1
	"$OUT/sim/generate" studios studios.tsv >/dev/null
	"$OUT/sim/platform" --port 0 --port-file port --ledger platform.db --accounts studios.tsv >/dev/null 2>&1 3>&- &
	SIM=$!
	until_true test -s port
	casebridge init s >/dev/null
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <connection name="province" connector="province"><set name="base" value="http://127.0.0.1:$(cat port)"/>
	    <account name="S01" for="studio/code='S01'"><set name="app" value="cx-s01"/><secret name="secret" file="secrets/S01"/></account>
	    <account name="S02" for="studio/code='S02'"><set name="app" value="cx-s02"/><secret name="secret" file="secrets/S02"/></account>
	  </connection>
	  <import name="in" from="ledger/rows" every="1s"/>
	  <export name="out" to="province/cases" when="status='closed'"/>
	</site>
	XML
	secret S01
	ledger S01 L-1
	ledger S02 L-2
}

teardown() {
	kill -9 "$SIM" $ENGINE 2>/dev/null || true
	wait 2>/dev/null || true
}

until_true() {
	for _ in $(seq 600); do
		"$@" 2>/dev/null && return 0
		sleep 0.05
	done
	echo "never true: $*" >&2
	cat log err >&2
	return 1
}

# secret STUDIO - as a person sets it.
secret() { sed -n "s/.*cx-s${1#S}\t//p" studios.tsv | casebridge account set "province/$1" >/dev/null; }

# ledger STUDIO NUMBER - a closed case of that studio.
ledger() {
	{
		printf '序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注\n'
		awk -F'\t' -v studio="$1" -v key="$2" '$1 == studio { printf "1,%s,%s,甲与乙,漏水,2026-03-01,2026-03-05,邻里纠纷,100,调解成功,王调解,甲,/,/,乙,/,\n", key, $2 }' studios.tsv
	} >"s/inbox/$2.csv"
}

there() { sqlite3 platform.db "select coalesce(group_concat(ajbh), '') from (select ajbh from case_file order by ajbh)"; }
is_there() { [ "$(there)" = "$1" ]; }

@test "a flow that needs it not runs, and says whose is missing" {
	run --separate-stderr -0 casebridge run in
	[[ $output == *"new 2"* ]]
	[[ $stderr == *"1 secrets are not set: their accounts wait, all else goes on"* ]]
	run -78 casebridge check
	[[ $output == *"the secret is not set yet (secrets/S02): run casebridge account set province/S02"* ]]
	[[ $output == *"an account without its secret waits, all else runs (1)"* ]]
	run -78 casebridge check --json
	[[ $output == *'"ok":false'*'"name":"out"'* ]]
}

@test "of a flow that needs it, only that account waits; set, it goes on" {
	casebridge run in 2>/dev/null
	run -78 casebridge run out
	[[ $output == *"due 2 = accepted 1 + "*"+ waiting 1"* ]]
	[[ $output == *"account province/S02 cannot be used yet: secret file "*"account set"* ]]
	is_there L-1
	run -0 casebridge deliveries out
	[[ $output == *L-2*waiting*"account province/S02 cannot be used yet"* ]]
	run -0 casebridge status
	[[ $output == *"province/S02"*"casebridge account set province/S02"* ]]
	secret S02
	run --separate-stderr -0 casebridge run out
	[ -z "$stderr" ]
	is_there L-1,L-2
	run -0 casebridge check
	run -0 casebridge status
	[[ $output != *"account set"* ]]
}

@test "open to others, empty or no file at all: the same" {
	casebridge run in 2>/dev/null
	secret S02
	chmod 644 s/secrets/S02
	run -78 casebridge run out
	[[ $output == *"province/S02 cannot be used yet: secret file "*"has mode 644, others may read it; run chmod 600"* ]]
	: >s/secrets/S02 && chmod 600 s/secrets/S02
	run -78 casebridge run out
	[[ $output == *"is empty"* ]]
	rm s/secrets/S02 && mkdir s/secrets/S02
	run -78 casebridge run out
	[[ $output == *"is no plain file"* ]]
	is_there L-1
}

@test "an engine starts without it, keeps the others going, and takes it up by itself" {
	CASEBRIDGE_PAUSE_MS=3600000 casebridge serve --log log 2>err 3>&- &
	ENGINE=$!
	until_true is_there L-1
	grep -q '"what":"unset".*"secrets":1' log
	# Its failure is no pause for the others, and nobody waits for the end of a pause.
	ledger S01 L-3
	until_true is_there L-1,L-3
	secret S02
	until_true is_there L-1,L-2,L-3
}
