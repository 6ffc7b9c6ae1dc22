#!/bin/sh
# The same file again, and again under another name: all unchanged, nothing written.
. "$(dirname "$0")/../common/steps.sh"

{ echo '<cases>'; cases_xml 1 3000; echo '</cases>'; } >"$INBOX/a.xml"
cp "$INBOX/a.xml" "$WORK/keep.xml"
run xml-in
exits 0
counts read=3000 new=3000
[ -e "$INBOX/done/a.xml" ] || fail "the file was not moved to done/"
before=$(sql 'SELECT max(_change), sum(_last_ms) FROM case_record')
cp "$WORK/keep.xml" "$INBOX/a.xml"
run xml-in
exits 0
counts read=3000 unchanged=3000
cp "$WORK/keep.xml" "$INBOX/other.xml"
run xml-in
counts read=3000 unchanged=3000
is "what changed" "$before" "$(sql 'SELECT max(_change), sum(_last_ms) FROM case_record')"
[ "$(ls "$INBOX/done" | wc -l)" = 3 ] || fail "done/ has $(ls "$INBOX/done" | wc -l) files: one was overwritten"

# Nothing there is nothing to do.
run xml-in
exits 0
counts read=0
stored 3000
whole
