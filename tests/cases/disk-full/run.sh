#!/bin/sh
# The disk is full at the commit: neither the records nor the place to go on from nor the file has
# moved; with room again everything is there, once.
. "$(dirname "$0")/../common/steps.sh"

{ echo '<cases>'; cases_xml 1 9000; echo '</cases>'; } >"$INBOX/a.xml"
run xml-in --dry-run # brings the store to the model
room() { # of two pages, or of none; the unit is 512 bytes
	(ulimit -f "$1" && exec timeout 60 casebridge run xml-in --site "$SITE" --json) >"$WORK/out" 2>"$WORK/err"
	code=$?
}
room 4200
is "it is not done" 1 "$((code != 0))"
says "has no room"
kept=$(sql 'SELECT count(*) FROM case_record')
[ "$kept" -lt 9000 ] || fail "the disk was not full"
is "what is half a page" 0 $((kept % 2000))
[ -e "$INBOX/a.xml" ] || fail "the file was moved, and $kept of its records are stored"
[ "$kept" -gt 0 ] || fail "not even the first page was stored"
whole
run xml-in
exits 0
counts read=$((9000 - kept)) new=$((9000 - kept))
stored 9000
is "the parties" 9000 "$(sql 'SELECT count(*) FROM case_party')"
[ -e "$INBOX/done/a.xml" ] || fail "the file was not moved to done/"
whole
