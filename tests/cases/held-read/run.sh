#!/bin/sh
# A held record is read again exactly as it was read: with the charset and the path
# of the records that the connector says, and the titles above a heading.
. "$(dirname "$0")/../common/steps.sh"

mkdir -p "$SITE/mappings/connectors"
cp "$CASEBRIDGE_MAPPINGS"/*.xml "$SITE/mappings/"
sed -i 's/<there format="table"/& skip="2" separator="|"/' "$SITE/mappings/table.xml"
cat >"$SITE/mappings/connectors/box.xml" <<'XML'
<connector name="box" by="files" label="一个目录">
  <setting name="folder" label="目录" type="folder" need="yes"/>
  <stream name="xml" mapping="xml.xml" label="XML"><read files="{folder}/*.xml" records="answer/body/list/item"/></stream>
  <stream name="json" mapping="json.xml" label="JSON"><read files="{folder}/*.json" records="data/list"/></stream>
  <stream name="table" mapping="table.xml" label="表"><read files="{folder}/*.csv" charset="gb18030"/></stream>
</connector>
XML
{
	echo '村级,台账|2024'
	echo '填表人|某'
	echo "$HEADING" | tr , '|'
	echo 'N1|漏水|2024-03-18|1|张三|||'
	echo 'N2|停车|18/3/2024|1|李四|||'
} | iconv -f utf-8 -t gb18030 >"$INBOX/a.csv"
echo '{"code":0,"data":{"list":[{"number":"J1","accepted":"2024-03-18"},{"number":"J2","accepted":"18/3/2024"}]}}' >"$INBOX/a.json"
cat >"$INBOX/a.xml" <<'XML'
<answer><head/><body><list><item><number>X1</number><accepted>2024-03-18</accepted></item>
<item><number>X2</number><accepted>18/3/2024</accepted></item></list></body></answer>
XML
for flow in table json xml; do
	run $flow-in
	exits 1
	counts read=2 new=1 held=1
done
is "what holds them" "date|3" "$(sql 'SELECT code, count(*) FROM held GROUP BY code')"

sed -i 's/type="date"/type="date" format="yyyy-MM-dd|d\/M\/yyyy"/' "$SITE"/mappings/*.xml
casebridge held retry --site "$SITE" --json >"$WORK/out" 2>"$WORK/err" || fail "held retry"
is "still held" 0 "$(sql 'SELECT count(*) FROM held')"
is "what came" "J1 J2 N1 N2 X1 X2" "$(sql 'SELECT number FROM case_record ORDER BY number' | tr '\n' ' ' | sed 's/ $//')"
is "its text" 停车 "$(sql "SELECT title FROM case_record WHERE number = 'N2'")"
is "their dates" "2024-03-18" "$(sql 'SELECT DISTINCT accepted FROM case_record')"
