#!/bin/sh
# kill -9 in the middle of a file: the next run goes on behind the last page.
. "$(dirname "$0")/../common/steps.sh"

{ echo '<cases>'; cases_xml 1 60000; echo '</cases>'; } >"$INBOX/a.xml"
casebridge run xml-in --site "$SITE" --json >"$WORK/out" 2>"$WORK/err" &
victim=$!
n=0
until [ "$(sql 'SELECT count(*) FROM case_record' 2>/dev/null || echo 0)" -ge 4000 ]; do
	kill -0 $victim 2>/dev/null || fail "it ended before it could be killed"
	n=$((n + 1))
	[ $n -lt 2000 ] || fail "nothing was stored in time"
done
kill -9 $victim
wait $victim 2>/dev/null
kept=$(sql 'SELECT count(*) FROM case_record')
[ "$kept" -lt 60000 ] || fail "it was done before the kill"
is "what is half a page" 0 $((kept % 2000))
run xml-in
exits 0
counts read=$((60000 - kept)) new=$((60000 - kept))
stored 60000
is "the parties" 60000 "$(sql 'SELECT count(*) FROM case_party')"
whole
