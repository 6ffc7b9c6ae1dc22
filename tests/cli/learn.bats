load helper

# A site that reads the grid's XML and the platform's JSON out of a folder.
prepare() {
	casebridge init s >/dev/null
	export CASEBRIDGE_SITE=$PWD/s
	mkdir -p s/mappings/connectors
	cp -r "$CASEBRIDGE_MAPPINGS"/*.xml "$CASEBRIDGE_MAPPINGS/codes" s/mappings/
	cat >s/mappings/connectors/box.xml <<-'XML'
		<connector name="box" by="files" label="目录">
		  <setting name="folder" label="目录" type="folder" need="yes"/>
		  <stream name="xml" mapping="grid-event.xml" label="XML"><read files="{folder}/*.xml"/></stream>
		  <stream name="json" mapping="province-case.xml" label="JSON"><read files="{folder}/*.json"/></stream>
		</connector>
	XML
	site_xml <<-'XML'
		<connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
		<connection name="box" connector="box"><set name="folder" value="inbox"/></connection>
		<import name="ledger-in" from="ledger/rows"/>
		<import name="xml-in" from="box/xml"/>
		<import name="json-in" from="box/json"/>
	XML
	mv site.xml s/site.xml
}

learned() { sed -n '/<test name="学自/,/<\/test>/p' "s/mappings/$1"; }

@test "a stored record becomes a sample at the end of its mapping's file; nothing else changes" {
	ledger_csv | sed -n 1,2p >s/inbox/a.csv
	casebridge run ledger-in
	before=$(cat s/mappings/ledger.xml)
	run -0 casebridge map learn case T-001
	has '样例“学自 T-001”（trip="normal"）'
	[ "$(sed '/<test name="学自/,/<\/test>/d' s/mappings/ledger.xml)" = "$before" ]
	run -0 casebridge map test s/mappings/ledger.xml
	has "10 passed, 0 failed"
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what = 'map-learn'")" = 1 ]
	run -0 casebridge check
}

@test "personal values are replaced by made-up ones of the same shape" {
	ledger_csv | sed -n 1,2p | sed 's/李四/欧阳小四/' >s/inbox/a.csv
	casebridge run ledger-in
	casebridge map learn case T-001 >/dev/null
	text=$(learned ledger.xml)
	for personal in 张　三 欧阳 11010519491231002X 13911111111 王调解; do
		[[ "$text" != *"$personal"* ]] || { echo "$personal stays in $text"; false; }
	done
	# An id of the same sex with a right check digit, a phone, a name with its blank; codes and sums stay.
	[[ "$text" == *讨薪*'"12,000.50"'*李　四,330299198001010143*,13900000001,* ]]
}

@test "what the mapping does not read is left out, and nobody is named in a story" {
	cat >s/inbox/a.xml <<-'XML'
		<events><event><ID>E1</ID><GXSJ>20240319080000</GXSJ><AJBH>JT-7</AJBH><SJMC>张建国与李爱华漏水纠纷</SJMC><AJMS>张建国称楼上漏水，电话13912345678</AJMS>
		<AJXL>0103</AJXL><BLZT>1</BLZT><SJZT>1</SJZT><FSDD>浒山街道幸福路3号</FSDD><XZQH>330282</XZQH><BZ>证人周大明</BZ><GXRS>
		<GXR><RYLB>1</RYLB><GXRXM>张建国</GXRXM><GXRZJLX>111</GXRZJLX><GXRZJH>330282196512120017</GXRZJH><GXRLXFS>13912345678</GXRLXFS></GXR>
		<GXR><RYLB>2</RYLB><GXRXM>李爱华</GXRXM><GXRZJLX>111</GXRZJLX><GXRLXFS>13912345679</GXRLXFS></GXR></GXRS></event></events>
	XML
	casebridge run xml-in || true
	[ "$(sqlite3 s/casebridge.db "select count(*) from case_record where number = 'JT-7'")" = 1 ]
	run -0 casebridge map learn case JT-7
	text=$(learned grid-event.xml)
	for personal in 张建国 李爱华 周大明 1391234567 幸福路 33028219651212; do
		[[ "$text" != *"$personal"* ]] || { echo "$personal stays in $text"; false; }
	done
	[[ "$text" == *"<AJXL>0103</AJXL>"* && "$text" == *"<type>neighbour</type>"* && "$text" == *330282* ]]
	run -0 casebridge map test s/mappings/grid-event.xml
	has "0 failed"
}

@test "JSON with lists becomes JSON with lists" {
	cat >s/inbox/a.json <<-'JSON'
		[{"sjly":"CASEBRIDGE","ajbh":"P-1","jfmc":"陈东升与物业纠纷","jflx":"17","slrq":"2024-03-08","ajzt":"1","tjy":"王大力","saje":1.2,
		"dsr":[{"dsrdw":"1","xmmc":"陈东升","zjlx":"111","zjhm":"11010519491231002X","lxdh":"13912345678"},{"dsrdw":"2","xmmc":"慈溪春晓物业有限公司"}]}]
	JSON
	casebridge run json-in
	run -0 casebridge map learn case P-1 --name 物业
	run -0 sed -n '/<test name="物业"/,/<\/test>/p' s/mappings/province-case.xml
	has '"dsr":[{'
	has 有限公司
	has_not 陈东升
	has_not 春晓
	has_not 11010519491231002X
	run -0 casebridge map test s/mappings/province-case.xml
	has "0 failed"
}

@test "a file with Windows line ends keeps them; a dry run writes nothing" {
	sed -i 's/$/\r/' s/mappings/ledger.xml
	ledger_csv | sed -n 1,2p >s/inbox/a.csv
	casebridge run ledger-in
	before=$(sha256sum <s/mappings/ledger.xml)
	run -0 casebridge map learn case T-001 --dry-run --lang en
	has "dry run"
	[ "$before" = "$(sha256sum <s/mappings/ledger.xml)" ]
	run -0 casebridge map learn case T-001
	[ "$(grep -c $'\r$' s/mappings/ledger.xml)" -ge "$(($(wc -l <s/mappings/ledger.xml) - 1))" ]
	run -0 casebridge map test s/mappings/ledger.xml
}

@test "what cannot be learned says why, and writes nothing" {
	run -64 casebridge map learn kase X
	has "case"
	run -65 casebridge map learn case nobody
	ledger_csv | sed -n 1,2p >s/inbox/a.csv
	casebridge run ledger-in
	sed -i 's|<accepted>2024-03-08|<accepted>2024-03-07|' s/mappings/ledger.xml
	before=$(sha256sum <s/mappings/ledger.xml)
	run -78 casebridge map learn case T-001
	has "先要都通过"
	[ "$before" = "$(sha256sum <s/mappings/ledger.xml)" ]
}
