#!/bin/sh
# Nothing in the file. An XML document without a root is broken; a table or JSON
# without a record is a person's mistake too, and is never taken in silence.
. "$(dirname "$0")/../common/steps.sh"

: >"$INBOX/a.xml"
run xml-in
exits 65
says a.xml
rm "$INBOX/a.xml"
: >"$INBOX/b.csv"
run table-in
exits 65
says b.csv
rm "$INBOX/b.csv"
: >"$INBOX/c.json"
run json-in
exits 65
says c.json
stored 0
