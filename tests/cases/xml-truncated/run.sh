#!/bin/sh
# A file that ends in the middle of its sixth case: five stay, and the error says where.
. "$(dirname "$0")/../common/steps.sh"

{ echo '<cases>'; cases_xml 1 5; printf '<case><number>N6</number><title>ti'; } >"$INBOX/a.xml"
run xml-in
exits 65
says a.xml
says :7:
counts read=5 new=5
stored 5
[ -e "$INBOX/a.xml" ] || fail "a file that was not taken whole was moved away"

# The whole file under the same name: what was there is unchanged.
{ echo '<cases>'; cases_xml 1 9; echo '</cases>'; } >"$INBOX/a.xml"
run xml-in
exits 0
stored 9
counts new=4
[ -e "$INBOX/done/a.xml" ] || fail "the file was not moved to done/"
