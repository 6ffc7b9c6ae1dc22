# helper.bash - a fresh folder for each test, and the program under test.
bats_require_minimum_version 1.5.0
OUT=$(realpath "${OUT:-$BATS_TEST_DIRNAME/../../build/release}")
ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")
export CASEBRIDGE_PLUGINS=$OUT/plugins CASEBRIDGE_MAPPINGS=${CASEBRIDGE_MAPPINGS:-$ROOT/mappings}
export LC_ALL=C # nothing may depend on the locale
unset CASEBRIDGE_SITE CASEBRIDGE_LANG
PATH=$OUT:$PATH

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	if declare -F prepare >/dev/null; then prepare; fi
}

# site_xml: the lines of standard input inside a <site>; line 1 of them is line 2 of the file.
site_xml() {
	{
		printf '<site name="慈溪市司法局" model="mediation">\n'
		cat
		printf '</site>\n'
	} >site.xml
	mkdir -p secrets inbox
}

# has TEXT: the output of the last `run` has it.
has() {
	[[ "$output" == *"$1"* ]] || {
		printf 'not there: %s\nin:\n%s\n' "$1" "$output" >&2
		return 1
	}
}

has_not() {
	[[ "$output" != *"$1"* ]] || {
		printf 'there: %s\nin:\n%s\n' "$1" "$output" >&2
		return 1
	}
}

# Three rows: one that maps, one with an unknown code, one with a date that is none.
ledger_csv() {
	cat <<-'CSV'
		序号,案件编号,受理日期,结案日期,案由,涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,被申请人电话,备注
		1,T-001,2024/3/8,/,讨薪,"12,000.50",成功,王调解,张　三,11010519491231002X,/,李四,13911111111,
		2,T-002,2024/3/9,/,噪音扰民,3,成功,王调解,张三,,/,李四,13911111111,
		3,T-003,2024/2/31,/,邻里,3,成功,王调解,张三,,/,李四,13911111111,
	CSV
}
