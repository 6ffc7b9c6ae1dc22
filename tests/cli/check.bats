load helper

# says PLACE TEXT - a problem stands exactly there.
says() {
	grep -qF -- "$1: $2" <<<"$output" || {
		printf 'not said: %s: %s\nin:\n%s\n' "$1" "$2" "$output" >&2
		return 1
	}
}

@test "a new site has no mistakes" {
	casebridge init s
	run -0 casebridge check --site s
	has "没有错误"
	has "ledger-in"
	[ "$(stat -c %a s/secrets)" = 700 ]
	[ "$(stat -c %a s/casebridge.db)" = 600 ]
}

@test "a site is never overwritten" {
	casebridge init s
	echo x >>s/site.xml
	cp s/site.xml before
	run -78 casebridge init s
	cmp before s/site.xml
}

@test "init --dry-run makes nothing" {
	run -0 casebridge init s --dry-run
	[ ! -e s ]
}

@test "model, zone and connector by their nearest names" {
	printf '<site name="慈溪市司法局" model="mediaton" zone="+8">\n<connection name="网" connector="gird"/>\n</site>\n' >site.xml
	run -78 casebridge check
	says site.xml:1:28 "没有模型“mediaton”（mappings/model/mediaton.xml）；是不是“mediation”？"
	says site.xml:1:44 "时区写作 +08:00"
	says site.xml:2:33 "没有连接器“gird”"
}

@test "the caret stands right under Chinese text" {
	site_xml <<-'XML'
		<connection name="a" connector="ledger" label="乡镇台账"><set name="fodler" value="inbox"/>
		</connection>
	XML
	run -78 casebridge check
	says site.xml:2:65 "连接器 ledger 没有设置“fodler”；是不是“folder”？"
	caret=$(grep -A2 '^site.xml:2:65:' <<<"$output" | tail -1)
	# Four blanks, 64 characters of which four take two cells, and the caret.
	[ "${#caret}" = $((4 + 64 + 4 + 1)) ]
}

@test "settings: unknown, missing, doubled, of the account, no address" {
	site_xml <<-'XML'
		<connection name="grid" connector="grid">
		<set name="base" value="grid.example.cn"/>
		<set name="timeuot" value="3"/>
		<set name="base" value="https://x"/>
		<account name="a"><set name="base" value="https://y"/></account>
		</connection>
	XML
	run -78 casebridge check
	says site.xml:3:25 "地址应以 http:// 或 https:// 开头"
	says site.xml:4:12 "连接器 grid 没有设置“timeuot”；现有：base、user、password"
	says site.xml:5:12 "“base”在第 3 行已经用过"
	says site.xml:6:30 "“base”是连接的设置：请写在 account 之外"
	says site.xml:6:16 '缺少账号：请加 <set name="user" value="…"/>'
	says site.xml:6:16 '缺少口令：请加 <secret name="password" file="secrets/grid-a"/>'
}

@test "a secret stands in a file of one's own inside the site" {
	site_xml <<-'XML'
		<connection name="grid" connector="grid"><set name="base" value="https://x"/>
		<account name="a"><set name="user" value="u"/><secret name="password" file="secrets/grid-a"/></account>
		<account name="b"><set name="user" value="u"/><secret name="password" file="../secret"/></account>
		<account name="c"><set name="user" value="u"/><secret name="password" file="/etc/passwd"/></account>
		</connection>
	XML
	run -78 casebridge check
	says site.xml:3:77 "还没有录入密钥（secrets/grid-a）：请执行 casebridge account set grid/a"
	says site.xml:4:77 "密钥文件应在站点目录之内"
	says site.xml:5:77 "密钥文件应在站点目录之内"
	echo pass >secrets/grid-a
	chmod 640 secrets/grid-a
	run -78 casebridge check
	says site.xml:3:77 "密钥文件 secrets/grid-a 的权限是 0640，别人也能读：请执行 chmod 600 "
	chmod 400 secrets/grid-a
	run -78 casebridge check
	has_not "site.xml:3:"
}

@test "a secret written into site.xml is refused, and not shown" {
	site_xml <<-'XML'
		<connection name="grid" connector="grid"><set name="base" value="https://x"/>
		<account name="a"><set name="usr" value="u"/><set name="password" value="hunter2"/></account>
		<account name="b"><set name="user" value="u"/><secret name="password" value="hunter2"/></account>
		</connection>
	XML
	run -78 casebridge check
	says site.xml:3:74 "“口令”是密钥，不能写在 site.xml 里：改为 <secret name=\"password\" file=\"secrets/grid-a\"/>"
	has_not hunter2
	run -78 casebridge check --json
	has_not hunter2
}

@test "flows: connection, stream, direction" {
	site_xml <<-'XML'
		<connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
		<import name="一" from="legder/rows"/>
		<import name="b" from="ledger/row"/>
		<import name="c" from="ledger"/>
		<import name="d" label="台账" from="ledger/rows"/>
		<import name="d" from="ledger/rows"/>
		<export name="e" to="ledger/rows"/>
	XML
	run -78 casebridge check
	says site.xml:3:24 "没有连接“legder”；是不是“ledger”？"
	says site.xml:4:31 "连接器 ledger 没有数据流“row”；是不是“rows”？"
	says site.xml:5:24 "应写作“连接/数据流”"
	says site.xml:7:15 "“d”在第 6 行已经用过"
	says site.xml:8:29 "数据流 rows 不能写出"
}

@test "conditions, schedules and deadlines to the character" {
	site_xml <<-'XML'
		<connection name="grid" connector="grid"><set name="base" value="https://x"/>
		<account name="a" for="studi='S01'"><set name="user" value="u"/><secret name="password" file="secrets/grid-a"/></account>
		</connection>
		<export name="a" to="grid/results" when="result and staus='closed'"/>
		<export name="b" to="grid/results" cron="30 25 * *"/>
		<export name="c" to="grid/results" cron="5,61 1-0 */5 * 1-5"/>
		<export name="d" to="grid/results" every="ten"/>
		<export name="e" to="grid/results" every="1h" cron="0 1 * * *"/>
		<export name="f" to="grid/results" deadline="5 workday after closed"/>
		<export name="g" to="grid/results" deadline="5 workdays after title"/>
		<export name="h" to="grid/results" deadline="五 workdays after closed"/>
	XML
	echo p >secrets/grid-a
	chmod 600 secrets/grid-a
	run -78 casebridge check
	says site.xml:3:24 "没有名为“studi”的字段；最接近的是“studio”"
	says site.xml:5:53 "没有名为“staus”的字段；最接近的是“status”"
	says site.xml:6:45 "“25”不能作“时”"
	says site.xml:6:42 "cron 应为五项：分 时 日 月 周，这里有 4 项"
	says site.xml:7:44 "“61”不能作“分”"
	says site.xml:7:47 "“1-0”不能作“时”"
	says site.xml:8:43 'every="ten" 不对'
	says site.xml:9:53 "every 与 cron 只能写一个"
	says site.xml:10:48 "时限的单位是 workdays"
	says site.xml:11:63 "时限要从一个日期算起，title 不是日期"
	says site.xml:12:46 "时限写作“5 workdays after closed”"
}

@test "a file that an editor saved as GBK is recognised" {
	printf '<site name="慈溪市司法局" model="mediation"/>\n' | iconv -f utf-8 -t gb18030 >site.xml
	run -78 casebridge check
	has "GB"
}

@test "the site's own mappings win over the installed ones" {
	casebridge init s
	mkdir -p s/mappings
	sed 's/here="number" /here="nummber" /' "$CASEBRIDGE_MAPPINGS/ledger.xml" >s/mappings/ledger.xml
	run -78 casebridge check --site s
	has "s/mappings/ledger.xml:"
	has "nummber"
}

@test "other commands say one sentence about a broken site" {
	site_xml <<<'<import name="a" from="x/y"/><import name="b" from="x/y"/>'
	run --separate-stderr -78 casebridge run a
	[ "$(wc -l <<<"$stderr")" = 1 ]
	[[ "$stderr" == *"2 处错误"*"site.xml:2:24"* ]]
}

@test "--json lists the problems, and without any the site" {
	site_xml <<<'<import name="a" from="x/y"/>'
	run -78 casebridge check --json
	has '{"file":"site.xml","line":2,"column":24,"level":"error","text":"没有连接“x”"}'
	casebridge init s
	run -0 casebridge check --json --site s
	has '"ok":true'
	has '"stream":"ledger/rows"'
}
