#!/bin/sh
# An array that ends in the middle of its fourth case: three stay.
. "$(dirname "$0")/../common/steps.sh"

{ printf '['; cases_ndjson 1 3 | sed 's/$/,/'; printf '{"number":"N4","title":"ti'; } >"$INBOX/a.json"
run json-in
exits 65
says a.json
says :4:
counts read=3 new=3
stored 3

# In a file with a case a line, a broken line spoils no other.
rm "$INBOX/a.json"
{ cases_ndjson 11 12; echo '{"number":"N13","tit'; cases_ndjson 14 15; } >"$INBOX/b.ndjson"
run json-in
exits 1
counts read=5 new=4 held=1
stored 7
