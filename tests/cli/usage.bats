load helper

# wrong EXPECTED WORD... - the command line is refused with 64 and says it.
wrong() {
	local expected=$1
	shift
	run --separate-stderr -64 casebridge "$@"
	[ -z "$output" ]
	output=$stderr
	has "$expected"
}

@test "a misspelt command is told its nearest" {
	wrong "没有命令“chek”；是不是“check”？" chek
	wrong "there is no command 'map tst'; did you mean 'test'?" map tst --lang en
}

@test "a misspelt option is told its nearest" {
	wrong "没有选项“--dry-rn”；是不是“--dry-run”？" run x --dry-rn
}

@test "an option of another command is refused by name" {
	wrong "命令 check 没有选项 --unmask" check --unmask
}

@test "a group alone names what may follow" {
	wrong "map 后面还要有一个词：new check test in out table" map
}

@test "missing and superfluous arguments" {
	wrong "还缺少参数" show case
	wrong "用不着“b”" init a b
	wrong "选项 --site 后面要有目录" status --site
	wrong "选项 --json 不带值" status --json=yes
	wrong "要做什么" --json
}

@test "a language that is none" {
	wrong "语言是 zh 或 en，不是“fr”" help --lang fr
}

@test "behind -- nothing is an option" {
	wrong "没有命令“--help”" -- --help
}

@test "a flow that is not there is told its nearest" {
	casebridge init s
	wrong "站点里没有流程“legder-in”；是不是“ledger-in”？" run legder-in --site s
}

@test "without a site: one sentence, 78" {
	run --separate-stderr -78 casebridge status
	[ "$(wc -l <<<"$stderr")" = 1 ]
	[[ "$stderr" == *"site.xml"*"casebridge init"* ]]
}

@test "with --json an error is JSON" {
	run --separate-stderr -78 casebridge status --json
	[[ "$stderr" == '{"verdict":"setup","error":"'* ]]
}

@test "a reader that goes away is no crash" {
	bash -c 'casebridge help | true'
	run bash -c 'set -o pipefail; casebridge help --man | head -1 >/dev/null; echo ${PIPESTATUS[0]}'
	[ "$output" = 0 ] || [ "$output" = 74 ]
}
