#!/bin/sh
# Nested a hundred thousand deep, after two good cases.
. "$(dirname "$0")/../common/steps.sh"

nest() { awk -v n=100000 -v s="$1" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'; }
{ echo '<cases>'; cases_xml 1 2; printf '<case><number>N3</number>'; nest '<a>'; nest '</a>'; echo '</case></cases>'; } >"$INBOX/a.xml"
run xml-in
exits 65
says a.xml
says depth
counts read=2 new=2
{ cases_ndjson 11 12; printf '{"number":"N13","a":'; nest '['; nest ']'; echo '}'; cases_ndjson 14 14; } >"$INBOX/b.ndjson"
run json-in
exits 1
says depth
counts read=4 new=3 held=1
stored 5
