#!/bin/sh
# The same days again, with other dates in them and some cases missing: whichever date
# a day is chosen by, nothing is deleted and loaded anew. 450 cases: pages of no round number.
. "$(dirname "$0")/../common/steps.sh"

{ echo "$HEADING"; cases_csv 1 450; } >"$INBOX/a.csv"
run table-in
exits 0
counts read=450 new=450

# A hundred of them were accepted on another day; fifty are not in the new file.
{ echo "$HEADING"; cases_csv 1 100 | sed 's/2024-03-18/2024-03-17/'; cases_csv 101 400; } >"$INBOX/b.csv"
run table-in
exits 0
counts read=400 new=0 changed=100 unchanged=300
stored 450
is "the dates" "2024-03-17 100,2024-03-18 350" \
	"$(sql 'SELECT accepted, count(*) FROM case_record GROUP BY 1 ORDER BY 1' | tr '|' ' ' | paste -sd,)"
is "the parties" 450 "$(sql 'SELECT count(*) FROM case_party')"
whole
