#!/bin/sh
# A dry run reports what would happen and touches nothing: not the store, not the folder.
. "$(dirname "$0")/../common/steps.sh"

dump() { sqlite3 -readonly "$STORE" .dump | sha256sum; }
folder() { (cd "$SITE" && find . -mindepth 1 ! -name 'casebridge.*' | LC_ALL=C sort | xargs ls -ld --time-style=full-iso | sha256sum); }
run json-in # the first run ever brings the tables to the model
{ echo '<cases>'; cases_xml 1 2500; echo '</cases>'; } >"$INBOX/a.xml"
before=$(dump) there=$(folder)
run xml-in --dry-run
exits 0
counts read=2500 new=2500 dry=1
is "the store" "$before" "$(dump)"
is "the folder" "$there" "$(folder)"
run xml-in
counts read=2500 new=2500

# With something there already, and something that is held.
{ echo '<cases>'; cases_xml 1 9; cases_xml 2501 2510; echo '<case><title>no number</title></case></cases>'; } >"$INBOX/b.xml"
before=$(dump) there=$(folder)
run xml-in --dry-run
exits 1
counts read=20 new=10 unchanged=9 held=1
is "the store" "$before" "$(dump)"
is "the folder" "$there" "$(folder)"
