#!/bin/sh
# guard="yes": what would come back as something else is held, and does not reach
# the platform. The platform says 无 for nothing, so a record that says just that
# would be read as saying nothing.
. "$(dirname "$0")/../common/steps.sh"
. "$(dirname "$0")/../common/platform.sh"

grep -q 'there="jfjj" blank="无"' "$SITE/mappings/province-case.xml" || fail "the mapping says nothing in another way by now"
sed -i 's/<stream name="cases"/& guard="yes"/' "$SITE/mappings/connectors/province.xml"
ledger a.csv <<'ROWS'
G-1,漏水,甲
G-2,无,乙
G-3,/,丙
ROWS
run ledger-in
exits 0
stored 3

upload
exits 1
counts due=3 accepted=2 held=1
is "cases at the platform" 2 "$(at_platform)"
is "what held it" "guard|about" "$(sql "SELECT code, field FROM delivery WHERE state = 'held'")"
is "tries of it" 0 "$(sql "SELECT count(*) FROM member m JOIN delivery d ON d.id = m.delivery WHERE d.state = 'held'")"
is "what the platform saw of it" 0 "$(sqlite3 -readonly "$WORK/platform.db" "SELECT count(*) FROM arrival WHERE ajbh = 'G-2'")"
silent_on 乙

# The record is corrected: it goes.
echo 'G-2,停车,乙' | ledger b.csv
run ledger-in
exits 0
upload
exits 0
counts due=1 accepted=1 held=0
is "cases at the platform" 3 "$(at_platform)"

# Without the guard it would have gone, and would have said nothing there.
sed -i 's/ guard="yes"//' "$SITE/mappings/connectors/province.xml"
echo 'G-4,无,丁' | ledger c.csv
run ledger-in
upload
exits 0
is "cases at the platform" 4 "$(at_platform)"
whole
