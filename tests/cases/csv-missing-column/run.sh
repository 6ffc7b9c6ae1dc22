#!/bin/sh
# The column of the key is gone: nothing is taken, and the message names the column.
. "$(dirname "$0")/../common/steps.sh"

{ echo 'title,accepted,amount,party1_name'; numbers 1 3 'title %,2024-03-18,1,Li'; } >"$INBOX/a.csv"
run table-in
exits 1
says number
says need
counts read=3 held=3
stored 0

# The right file under the same name: what was held is another matter now.
{ echo "$HEADING"; cases_csv 1 3; } >"$INBOX/b.csv"
run table-in
stored 3
counts new=3
