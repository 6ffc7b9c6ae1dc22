load helper

@test "help names every command, in Chinese and in English" {
	run -0 casebridge help
	has "立即执行一个或几个流程"
	has "held retry"
	has_not "worker"
	has $'\n排程与维护\n  serve '
	run -0 casebridge help --lang en
	has "carry out flows now"
	has $'\nSchedules and upkeep\n  serve '
	CASEBRIDGE_LANG=en run -0 casebridge help
	has "carry out flows now"
}

@test "every command has a page of its own, in both languages" {
	for lang in zh en; do
		while read -r name; do
			run -0 casebridge help $name --lang "$lang"
			has "casebridge $name"
			[ "${#lines[@]}" -ge 3 ]
		done < <(casebridge help --lang en | sed -n 's/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p')
	done
}

@test "--help after a command is its page, and needs no arguments" {
	run -0 casebridge run --help
	has "用法"
	has "casebridge run"
}

@test "help PLUGIN lists its settings" {
	run -0 casebridge help csv
	has "separator"
	run -0 casebridge help csv --lang en
	has "setting"
}

@test "plugins lists formats and connectors" {
	run -0 casebridge plugins
	has "files"
	has "连接器"
	run -0 casebridge plugins --json
	has '"name":"csv"'
}

@test "the manual page is roff with every command" {
	run -0 casebridge help --man --lang en
	[ "${lines[0]}" = ".TH CASEBRIDGE 1" ]
	has $'\n.SH Schedules and upkeep\n.SS serve'
	has ".SS held retry"
	has '\-\-dry\-run'
}

@test "completion offers commands, second words and options" {
	complete_words() { # the words before the cursor
		bash -c 'source <(casebridge completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
			_casebridge; echo "${COMPREPLY[@]}"' - casebridge "$@"
	}
	[ "$(complete_words chec)" = "check" ]
	[ "$(complete_words map te)" = "test" ]
	[ "$(complete_words run --dry)" = "--dry-run" ]
}

@test "version" {
	run -0 casebridge --version
	[[ "$output" =~ ^casebridge\ [0-9] ]]
}
