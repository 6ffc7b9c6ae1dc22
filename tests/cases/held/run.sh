#!/bin/sh
# One bad value holds its case alone; no personal value is shown; correcting frees it.
. "$(dirname "$0")/../common/steps.sh"

{
	echo "$HEADING"; cases_csv 1 3
	echo 'N4,title 4,2024-02-30,1,Li,,,'
	echo 'N5,title 5,2024-03-18,1,Li,330299197208054810,,'
	echo 'N6,title 6,2024-03-18,-3,Li,,,'
	cases_csv 7 7
} >"$INBOX/a.csv"
run table-in
exits 1
counts read=7 new=4 held=3
silent_on 330299197208054810
is "the causes" "date idcard small" "$(sql 'SELECT code FROM held ORDER BY code' | tr '\n' ' ' | sed 's/ $//')"
{ echo "$HEADING"; echo 'N4,title 4,2024-02-29,1,Li,,,'; echo 'N5,title 5,2024-03-18,1,Li,330299197208054819,,'; echo 'N6,title 6,2024-03-18,3,Li,,,'; } >"$INBOX/b.csv"
run table-in
exits 0
counts read=3 new=3
is "still held" 0 "$(sql 'SELECT count(*) FROM held')"
stored 7
