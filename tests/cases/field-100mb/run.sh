#!/bin/sh
# One case has a text of 100 MB: it is held by name, those around it are taken, and
# memory stays bounded (the worker's limit is 1 GB; it must not come near it).
. "$(dirname "$0")/../common/steps.sh"

big() { head -c 104857600 /dev/zero | tr '\0' x; }
{ echo '<cases>'; cases_xml 1 1; printf '<case><number>N2</number><title>'; big; echo '</title></case>'; cases_xml 3 3; echo '</cases>'; } >"$INBOX/a.xml"
run xml-in
exits 1
counts read=3 new=2 held=1
says text_max
{ cases_ndjson 11 11; printf '{"number":"N12","title":"'; big; echo '"}'; cases_ndjson 13 13; } >"$INBOX/b.ndjson"
run json-in
exits 1
counts read=3 new=2 held=1
says text_max
{ echo "$HEADING"; cases_csv 21 21; printf 'N22,'; big; echo ',2024-03-18,1,Li,,,'; cases_csv 23 23; } >"$INBOX/c.csv"
run table-in
exits 1
counts read=3 new=2 held=1
says _max
stored 6
