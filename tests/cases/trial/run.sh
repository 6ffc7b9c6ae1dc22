#!/bin/sh
# An upload goes by the last mapping whose own samples passed; where none ever did,
# nothing goes at all.
. "$(dirname "$0")/../common/steps.sh"
. "$(dirname "$0")/../common/platform.sh"

MAPPING=$SITE/mappings/province-case.xml
good=$(cat "$MAPPING")
break_it() {
	sed -i 's/here="title"    there="jfmc" need="out"/here="title"    there="jfmcx" need="out"/' "$MAPPING"
	[ "$good" != "$(cat "$MAPPING")" ] || fail "the mapping has another line by now"
}
body() { sqlite3 -readonly "$WORK/platform.db" "SELECT body FROM case_file WHERE ajbh = '$1'"; }

ledger a.csv <<'ROWS'
T-1,a,甲
ROWS
run ledger-in
exits 0
break_it
upload
exits 78
says "no version of it that passed"
is "cases at the platform" 0 "$(at_platform)"
is "deliveries" 0 "$(sql 'SELECT count(*) FROM delivery')"

printf '%s\n' "$good" >"$MAPPING"
upload
exits 0
counts due=1 accepted=1

break_it
echo 'T-2,b,乙' | ledger b.csv
run ledger-in
exits 0
upload
exits 1 # it went, and a person must look
counts due=1 accepted=1
says '"in-force"'
is "cases at the platform" 2 "$(at_platform)"
case $(body T-2) in
*'"jfmc":"title T-2"'*) ;;
*) fail "sent by the mapping that fails: $(body T-2)" ;;
esac
whole
