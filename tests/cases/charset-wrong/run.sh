#!/bin/sh
# Declared UTF-8, sent as GBK: refused as a whole, with the byte; nothing is guessed.
. "$(dirname "$0")/../common/steps.sh"

{ echo '<cases>'; cases_xml 1 3 | sed 's/title/纠纷/'; echo '</cases>'; } | iconv -f utf-8 -t gbk >"$INBOX/a.xml"
run xml-in
exits 65
says a.xml
says utf-8
stored 0
rm "$INBOX/a.xml"

# Eight good cases, then one byte that fits nothing.
{ echo '<cases>'; cases_xml 1 8; printf '<case><number>N9</number><title>\377\376\377</title></case></cases>'; } >"$INBOX/b.xml"
run xml-in
exits 65
says b.xml
stored 0
rm "$INBOX/b.xml"

# The same for tables and JSON.
{ echo "$HEADING"; cases_csv 1 3; printf 'N4,\377,2024-03-18,1,Li,,,\n'; } >"$INBOX/c.csv"
run table-in
exits 65
says c.csv
{ cases_ndjson 1 3; printf '{"number":"\377"}\n'; } >"$INBOX/d.json"
run json-in
exits 65
says d.json
stored 0
