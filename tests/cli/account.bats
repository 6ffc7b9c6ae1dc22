load helper

prepare() {
	site_xml <<-'XML'
		<connection name="grid" connector="grid"><set name="base" value="https://x"/>
		<account name="cixi"><set name="user" value="u"/><secret name="password" file="secrets/grid-cixi"/></account>
		</connection>
	XML
}

@test "a secret comes from standard input, exactly, for yourself alone" {
	run -0 casebridge account set grid/cixi <<<'pass word '
	[ "$(cat secrets/grid-cixi)" = "pass word " ]
	[ "$(stat -c '%a %s' secrets/grid-cixi)" = "600 10" ]
	has_not "pass word"
	run -0 casebridge check
}

@test "the umask and a missing folder do not matter" {
	rmdir secrets
	umask 0
	printf 'geheim\r\n' | casebridge account set grid/cixi
	[ "$(stat -c '%a %s' secrets/grid-cixi)" = "600 6" ]
	[ "$(stat -c %a secrets)" = 700 ]
}

@test "an old secret is replaced as a whole" {
	echo a-much-longer-secret | casebridge account set grid/cixi
	echo b | casebridge account set grid/cixi
	[ "$(cat secrets/grid-cixi)" = b ]
}

@test "on a terminal it asks, and shows nothing" {
	command -v script >/dev/null || skip "no script(1)"
	(sleep 0.5; printf 'geheim\n') | script -qec "casebridge account set grid/cixi" typescript >/dev/null
	[ "$(cat secrets/grid-cixi)" = geheim ]
	grep -q "口令" typescript
	! grep -q geheim typescript
}

@test "nothing entered changes nothing" {
	echo old | casebridge account set grid/cixi
	run -78 casebridge account set grid/cixi </dev/null
	has "没有输入内容"
	[ "$(cat secrets/grid-cixi)" = old ]
}

@test "unknown names are told their nearest" {
	run -78 casebridge account set gird/cixi </dev/null
	has "没有连接“gird”；是不是“grid”？"
	run -78 casebridge account set grid/cixl </dev/null
	has "连接 grid 没有账号“cixl”；是不是“cixi”？"
}

@test "--dry-run writes nothing" {
	run -0 casebridge account set grid/cixi --dry-run <<<secret
	[ ! -e secrets/grid-cixi ]
}
