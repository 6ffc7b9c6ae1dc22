load helper

# A case names its studio as the sender calls it; the studios are a file of their own.
prepare() {
	casebridge init s >/dev/null
	mkdir -p s/mappings/model s/mappings/connectors s/studios
	cat >s/site.xml <<-'XML'
		<site name="x" model="ref">
		  <connection name="cases" connector="cases"><set name="folder" value="inbox"/></connection>
		  <connection name="studios" connector="studios"><set name="folder" value="studios"/></connection>
		  <import name="cases-in" from="cases/rows"/>
		  <import name="studios-in" from="studios/rows"/>
		</site>
	XML
	cat >s/mappings/model/ref.xml <<-'XML'
		<model name="ref" label="x">
		  <entity name="case" label="案件">
		    <field name="number" label="编号" type="text" unique="yes"/>
		    <ref name="studio" label="工作室" entity="studio"/>
		    <ref name="town" label="镇街" entity="town" must-exist="yes"/>
		  </entity>
		  <entity name="studio" label="工作室">
		    <field name="code" label="编号" type="text" unique="yes"/>
		    <field name="name" label="名称" type="text"/>
		  </entity>
		  <entity name="town" label="镇街"><field name="code" label="编号" type="text" unique="yes"/></entity>
		</model>
	XML
	for name in cases studios; do
		cat >s/mappings/connectors/$name.xml <<-XML
			<connector name="$name" by="files" label="x">
			  <setting name="folder" label="x" type="folder" need="yes"/>
			  <stream name="rows" mapping="$name.xml" label="x"><read files="{folder}/*.csv"/></stream>
			</connector>
		XML
	done
	cat >s/mappings/cases.xml <<-'XML'
		<mapping name="cases"><there format="table"/><here type="case"/>
		  <field here="number" there="编号" key="yes"/>
		  <field here="studio" there="工作室" ref="studio" by="name"/>
		  <field here="town" there="镇街"/>
		</mapping>
	XML
	cat >s/mappings/studios.xml <<-'XML'
		<mapping name="studios"><there format="table"/><here type="studio"/>
		  <field here="code" there="code" key="yes"/><field here="name" there="name"/>
		</mapping>
	XML
	printf '编号,工作室,镇街\n1,和顺调解工作室,\n2,和顺,\n3,S01,\n4,谁也不是,\n5,,T9\n' >s/inbox/a.csv
	export CASEBRIDGE_SITE=$PWD/s
}

studio_of() { sqlite3 s/casebridge.db "select ifnull(studio,'-') from case_record where number='$1'"; }
studios() { printf 'code,name\nS01,和顺调解工作室\nS02,知和\nS03,知和\n' >s/studios/a.csv; }

@test "a record whose studio nobody knows is held until the studio is there" {
	run -1 casebridge run cases-in
	has "读取 5 = 新增 0 + 变更 0 + 未变 0 + 挂起 5"
	run -0 casebridge held --code ref
	has "没有叫“和顺调解工作室”的工作室"
	has "没有编号为“T9”的镇街"
	studios
	casebridge run studios-in
	run -0 casebridge run cases-in
	has "新增 2" # by its name, and by its own number
	[ "$(studio_of 1)" = S01 ]
	[ "$(studio_of 3)" = S01 ]
}

@test "an alias lets go what waited for it, and nothing else" {
	studios
	casebridge run studios-in
	casebridge run cases-in || true
	[ "$(studio_of 2)" = "" ]
	run -0 casebridge alias add studio name 和顺 S01
	run -0 casebridge run cases-in
	has "新增 1"
	[ "$(studio_of 2)" = S01 ]
	run -0 casebridge held --code ref
	has "谁也不是"
	has_not "和顺"
}

@test "a name that two have is nobody's" {
	studios
	casebridge run studios-in
	printf '编号,工作室,镇街\n9,知和,\n' >s/inbox/b.csv
	run -1 casebridge run cases-in
	run -0 casebridge held --code ref
	has "或不止一个"
}

@test "an alias belongs to one record, and is written in the audit" {
	studios
	casebridge run studios-in
	run ! casebridge alias add studio account a S99
	has "没有编号为"
	run -0 casebridge alias add studio account a S01
	run -0 casebridge alias add studio account a S01
	run ! casebridge alias add studio account a S02
	has "已是 S01 的叫法"
	run ! casebridge alias add studoi account a S01
	has "studio"
	run -0 casebridge alias list
	has "account  a"
	run -0 casebridge alias list --json
	has '"entity":"studio","scheme":"account","alias":"a","key":"S01"'
	run -0 casebridge alias drop studio account a
	run ! casebridge alias drop studio account a
	run -0 casebridge alias list
	has "没有别名"
	[ "$(sqlite3 s/casebridge.db "select count(*) from audit where what like 'alias%'")" = 3 ]
}

@test "a list of names comes in whole or not at all" {
	studios
	casebridge run studios-in
	printf 'scheme,alias,entity,key\naccount,a,studio,S01\naccount,b,studio,S99\n' >names.csv
	run ! casebridge alias import names.csv
	has "names.csv:3"
	run -0 casebridge alias list
	has "没有别名"
	printf 'scheme,alias,entity,key\naccount,a,studio,S01\naccount,b,studio,S02\n' >names.csv
	run -0 casebridge alias import names.csv
	has "2 个"
}
