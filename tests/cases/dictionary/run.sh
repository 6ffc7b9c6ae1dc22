#!/bin/sh
# codes --reach: the platform's own list beside our table.
. "$(dirname "$0")/../common/steps.sh"
. "$(dirname "$0")/../common/platform.sh"

ask() {
	casebridge codes "$@" --reach --site "$SITE" --json >"$WORK/out" 2>"$WORK/err"
	code=$?
}
# differences: "what code" of each, sorted
differences() {
	sqlite3 :memory: "SELECT json_extract(d.value, '\$.what') || ' ' || json_extract(d.value, '\$.code')
		FROM json_each(trim(CAST(readfile('$WORK/out') AS TEXT), char(10)), '\$.dictionaries[0].differences') d
		ORDER BY 1" | tr '\n' ',' | sed 's/,$//'
}

ask
exits 0
says '"table":"dispute-type","count":18'
is "as it is shipped" "" "$(differences)"

# A code of ours that they never had, one of theirs that we lack, one that they call otherwise.
sed -i '/<code here="tourism" *there="12"/d
	s/<code here="other" *there="99"/<code here="odd" there="98" label="怪"\/>&/
	s/label="医疗纠纷"/label="医疗事故"/' "$SITE/mappings/province-case.xml"
ask province-out
exits 0
is "what differs" "name 15,not-in-table 12,not-there 98" "$(differences)"
casebridge codes --reach --site "$SITE" >"$WORK/out" || fail "codes"
says "3 differences"
says "医疗事故"

# Without --reach nobody is asked; who does not answer is told.
casebridge codes --site "$SITE" >"$WORK/out"
grep -q differences "$WORK/out" && fail "asked without being told to"
kill "$platform"
wait "$platform" 2>/dev/null
ask
exits 1
says '"error":'
