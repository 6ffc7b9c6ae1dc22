#!/usr/bin/env bats
# A database as a source and a target, over the SQLite driver: rows with the rows of other tables
# that belong to them, marks to go on by, tables of exchange; and what the plugin may not touch.

load helper

DRIVER=$(ls /usr/lib/*/odbc/libsqlite3odbc.so 2>/dev/null | head -1)

prepare() {
	export CASEBRIDGE_LANG=en
	mkdir db
	sqlite3 db/there.db <<-'SQL'
		CREATE TABLE t_case (case_no TEXT PRIMARY KEY, title TEXT, about TEXT, kind TEXT, accepted DATE, closed DATE,
			amount DECIMAL(12,2), result TEXT, mediator TEXT, changed TEXT);
		CREATE TABLE t_party (case_no TEXT, seq INTEGER, role TEXT, name TEXT, sex TEXT, id_no TEXT, phone TEXT, address TEXT);
		CREATE TABLE t_journal (case_no TEXT, happened TIMESTAMP, matter TEXT, by_whom TEXT, content TEXT);
	SQL
	casebridge init s >/dev/null
	mkdir -p s/mappings/connectors
	site there.db
}

site() { # DATABASE [CONNECTOR]
	cat >s/site.xml <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="t" model="mediation" zone="+08:00">
	  <connection name="book" connector="${2:-casebook}"><set name="driver" value="$DRIVER"/><set name="database" value="$PWD/db/$1"/></connection>
	  <import name="in" from="book/cases"/>
	</site>
	XML
}

there() { sqlite3 db/there.db "$1"; }
here() { sqlite3 s/casebridge.db "$1"; }

rows() { # FROM TO: cases with two parties each, changed a minute apart, three in each minute
	for n in $(seq "$1" "$2"); do
		printf "INSERT INTO t_case VALUES ('B-%04d','甲%d与乙','简介','邻里','2024-03-08',NULL,%d.50,NULL,'王调解','2024-03-08 10:%02d:00');\n" "$n" "$n" "$n" $((n / 3))
		printf "INSERT INTO t_party VALUES ('B-%04d',2,'被申请人','乙%d',NULL,NULL,NULL,NULL),('B-%04d',1,'申请人','甲%d','男',NULL,'13900000000',NULL);\n" "$n" "$n" "$n" "$n"
	done | sqlite3 db/there.db
}

# changed FROM TO: the shipped connector with one text replaced by another, as connectors/mine.xml.
changed() {
	local text
	text=$(cat "$ROOT/mappings/connectors/casebook.xml")
	[[ $text == *"$1"* ]]
	printf '%s\n' "${text/"$1"/"$2"}" >s/mappings/connectors/mine.xml
}

@test "rows come with the rows of other tables that belong to them" {
	rows 1 7
	there "INSERT INTO t_journal VALUES ('B-0002','2024-03-08 15:00:00','受理','王调解','电话联系双方')"
	run -0 casebridge --site s run in
	has "read 7 = new 7"
	[ "$(here 'SELECT count(*) FROM case_party')" = 14 ]
	run -0 casebridge --site s show case B-0002 --json
	has '"party":[{"role":"applicant","name":"甲*","sex":"male","phone":"139****0000"},{"role":"respondent","name":"乙*"}]'
	has '"journal":[{"at":"2024-03-08T15:00:00+08:00","kind":"accepted"'
	has '"amount":2.5'
	run -0 casebridge --site s why case B-0002 amount
	has "cases >"
}

@test "reading goes on where it ended, also in the middle of one instant" {
	changed 'batch="500"' 'batch="2"'
	site there.db mine
	rows 1 20
	run -0 casebridge --site s run in
	has "read 20 = new 20"
	rows 21 23
	there "UPDATE t_case SET title = '改过', changed = '2024-03-09 10:00:00' WHERE case_no = 'B-0001'"
	run -0 casebridge --site s run in
	has "new 3 + changed 1"
	# Without an overlap, nothing is read twice.
	changed ' overlap="10m"' ''
	run -0 casebridge --site s run in
	has "read 0 "
}

@test "a row that was stamped early and committed late is read by the next run" {
	there "INSERT INTO t_case (case_no, title, kind, accepted, changed) VALUES ('B-0005','t','邻里','2024-03-08','2024-03-08 10:00:00'), ('B-0006','t','邻里','2024-03-08','2024-03-08 10:05:00')"
	run -0 casebridge --site s run in
	has "new 2"
	there "INSERT INTO t_case (case_no, title, kind, accepted, changed) VALUES ('B-0003','t','邻里','2024-03-08','2024-03-08 10:05:00'), ('B-0009','t','邻里','2024-03-08','2024-03-08 09:55:00'), ('B-0001','t','邻里','2024-03-08','2024-03-08 09:54:59')"
	run -0 casebridge --site s run in
	has "new 2 + changed 0 + unchanged 2" # back to 09:55:00, and no further
	run -0 casebridge --site s run in
	has "read 0 " # the same page again
	# What is later than the overlap is not looked for.
	[ "$(here "SELECT count(*) FROM case_record WHERE number = 'B-0001'")" = 0 ]
}

@test "a run that fails while it reads again leaves the mark where it was" {
	changed 'batch="500"' 'batch="1"'
	site there.db mine
	for n in 1 2 3; do
		there "INSERT INTO t_case (case_no, title, kind, accepted, changed) VALUES ('B-000$n','t','邻里','2024-03-08','2024-03-08 10:0$n:00')"
	done
	run -0 casebridge --site s run in
	has "new 3"
	there "UPDATE t_case SET title = 'u' WHERE case_no = 'B-0001'"
	there "UPDATE t_case SET about = printf('%.*c', 9000000, 'x') WHERE case_no = 'B-0003'"
	run -78 casebridge --site s run in
	has "changed 1" # the first page; the second cannot be compared with the third
	there "UPDATE t_case SET about = NULL"
	there "INSERT INTO t_case (case_no, title, kind, accepted, changed) VALUES ('B-0004','t','邻里','2024-03-08','2024-03-08 09:52:00')"
	run -0 casebridge --site s run in
	has "new 0 " # from ten minutes before 10:03, not before 10:01
}

@test "an overlap of a column that is no instant is said with the first page" {
	changed 'first="1900-01-01 00:00:00"' 'first="{server}"'
	site there.db mine
	sed -i 's|<set name="driver"|<set name="server" value="0"/>&|' s/site.xml
	rows 1 2
	there "UPDATE t_case SET changed = '17'"
	run -78 casebridge --site s run in
	has "'changed' is none such as 2024-03-08 09:30:00"
	[ "$(here 'SELECT count(*) FROM case_record')" = 0 ]
}

@test "a first mark that a setting leaves empty is refused, and where to set it" {
	changed 'first="1900-01-01 00:00:00"' 'first="{server}"'
	site there.db mine
	rows 1 2
	run -78 casebridge --site s run in
	has "setting {server} has no value"
	CASEBRIDGE_LANG=zh run -78 casebridge --site s run in
	has "设置 {server} 没有值"
	sed -i 's|<set name="driver"|<set name="server" value="2000-01-01"/>&|' s/site.xml
	run -0 casebridge --site s run in
	has "new 2"
}

@test "rows that are alike in all marks are not lost between two pages: refused, with the cure" {
	changed 'batch="500"' 'batch="2"'
	sed -i -e 's/ OR (changed = {changed} AND case_no > {case_no})//' -e '/<since column="case_no"/d' s/mappings/connectors/mine.xml
	site there.db mine
	rows 1 20
	run -78 casebridge --site s run in
	has "alike in all columns of <since>"
	[ "$(here 'SELECT count(*) FROM case_record')" = 2 ] # the page before it
}

@test "a page that ends by its size loses no row that is alike either" {
	sed -e 's/ OR (changed = {changed} AND case_no > {case_no})//' -e '/<since column="case_no"/d' \
		"$ROOT/mappings/connectors/casebook.xml" >s/mappings/connectors/mine.xml
	site there.db mine
	for n in 1 2 3; do
		there "INSERT INTO t_case (case_no, title, kind, accepted, about, mediator, changed) VALUES ('B-000$n','t','邻里','2024-03-08',printf('%.*c', 5000000, 'x'),printf('%.*c', 5000000, 'y'),'2024-03-08 10:0$((n / 2)):00')"
	done
	run -78 casebridge --site s run in
	has "alike in all columns of <since>"
	# One that fills a page alone is compared as well.
	there "UPDATE t_case SET about = printf('%.*c', 8000000, 'x'), changed = '2024-03-08 10:00:00'"
	there "UPDATE t_case SET mediator = about, result = about"
	run -78 casebridge --site s run in
	has "alike in all columns of <since>"
}

@test "a parameter is bound and never pasted; NULL is nothing and an empty text is one" {
	changed ' overlap="10m"' '' # the second run binds what the first one read
	site there.db mine
	rows 1 2
	there "UPDATE t_case SET case_no = 'x'' OR ''1''=''1' WHERE case_no = 'B-0001'"
	there "UPDATE t_party SET case_no = 'x'' OR ''1''=''1' WHERE case_no = 'B-0001'"
	there "UPDATE t_case SET about = '' WHERE case_no = 'B-0002'"
	run -0 casebridge --site s run in
	has "new 2"
	[ "$(here 'SELECT count(*) FROM case_party')" = 4 ]
	run -0 casebridge --site s run in
	has "read 0 "
}

@test "texts of every kind arrive whole: four-byte characters, quotes, line ends, a megabyte" {
	rows 1 1
	there "UPDATE t_case SET title = '𠮷野家\"\\' || char(10) || '第二行', about = printf('%.*c', 1000000, 'x') WHERE case_no = 'B-0001'"
	run casebridge --site s run in
	run -0 casebridge --site s held --json
	has_not '𠮷'
	there "UPDATE t_case SET about = '短', changed = '2024-03-10 10:00:00'"
	run -0 casebridge --site s run in
	[ "$(here "SELECT replace(title, char(10), '|') FROM case_record WHERE number = 'B-0001'")" = '𠮷野家"\|第二行' ]
}

@test "a driver, a database or a table that is not there is said, and what to do" {
	sed -i "s|$DRIVER|NoSuchDriver|" s/site.xml
	run -78 casebridge --site s run in
	has "odbcinst.ini"
	has "NoSuchDriver"
	CASEBRIDGE_LANG=zh run -78 casebridge --site s run in
	has "装上数据库的驱动"
	site there.db
	there "DROP TABLE t_party"
	rows 1 1 2>/dev/null || true
	run -78 casebridge --site s run in
	has "mine.xml" || has "casebook.xml:"
	has "no such table: t_party"
	run casebridge --site s check --reach
	[ "$status" != 0 ]
	has "no such table: t_party"
}

@test "the worker of a database sees no site: not the store, not its secrets" {
	changed '<database connect' '<retry first="1ms" most="2ms"/>
  <database connect' # in a hurry: what is not there is tried again
	site there.db mine
	rows 1 1
	cp db/there.db s/inside.db
	sed -i "s|$PWD/db/there.db|$PWD/s/inside.db|" s/site.xml
	run casebridge --site s run in
	[ "$status" != 0 ]
	[ "$(here 'SELECT count(*) FROM case_record')" = 0 ]
	# Nor a secret, by its own path or by a link to it.
	mkdir -p s/secrets
	cp db/there.db s/secrets/other && chmod 600 s/secrets/other
	ln -s ../s/secrets/other db/link.db
	for way in s/secrets/other db/link.db; do
		sed -i "s|value=\"$PWD/[^\"]*\"|value=\"$PWD/$way\"|" s/site.xml
		run casebridge --site s run in
		[ "$status" != 0 ]
		[ "$(here 'SELECT count(*) FROM case_record')" = 0 ]
	done
	sed -i "s|$PWD/db/link.db|$PWD/s/inside.db|" s/site.xml
	# Beside it, the same file is read.
	mv s/inside.db db/beside.db
	sed -i "s|$PWD/s/inside.db|$PWD/db/beside.db|" s/site.xml
	run -0 casebridge --site s run in
	has "new 1"
	# Another site beside it is hidden as well.
	mkdir other && cp s/site.xml other/ && cp db/there.db other/
	sed -i "s|$PWD/db/beside.db|$PWD/other/there.db|" s/site.xml
	there "UPDATE t_case SET changed = '2024-05-01 00:00:00'"
	run casebridge --site s run in
	[ "$status" != 0 ]
}

@test "the worker of a database sees nothing of the service's credentials" {
	changed '<database connect' '<retry first="1ms" most="2ms"/>
  <database connect'
	rows 1 1
	mkdir cred
	cp db/there.db cred/other
	site ../cred/other mine
	CREDENTIALS_DIRECTORY=$PWD/cred run casebridge --site s run in
	[ "$status" != 0 ]
	[ "$(here 'SELECT count(*) FROM case_record')" = 0 ]
	# It is not even told where they are.
	printf '#!/bin/sh\nenv >"%s/told"\nexec "%s/casebridge" "$@"\n' "$PWD" "$OUT" >worker && chmod +x worker
	CREDENTIALS_DIRECTORY=$PWD/cred CASEBRIDGE_PROGRAM=$PWD/worker run casebridge --site s run in
	[ "$status" != 0 ]
	grep -q ^CASEBRIDGE_PLUGINS= told
	run -1 grep CREDENTIALS_DIRECTORY told
	[ "$(here 'SELECT count(*) FROM case_record')" = 0 ]
	# The same file where it is none.
	run -0 casebridge --site s run in
	has "new 1"
}

@test "a manifest that does not trust the plugin, or trusts the wrong one, is refused" {
	changed ' connection="own"' ''
	site there.db mine
	run -78 casebridge --site s check
	has 'connection="own"'
	run -0 casebridge plugins --json
	has '"name":"odbc","kind":"connector"'
	has '"profile":"own"'
}

@test "a dry run reads and changes nothing, here and there" {
	rows 1 3
	run -0 casebridge --site s run in --dry-run
	has "new 3"
	[ "$(here 'SELECT count(*) FROM case_record')" = 0 ]
	run -0 casebridge --site s run in
	has "new 3"
}
