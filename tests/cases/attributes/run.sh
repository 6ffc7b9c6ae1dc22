#!/bin/sh
# A hundred thousand attributes on one element, between good cases.
. "$(dirname "$0")/../common/steps.sh"

{
	echo '<cases>'; cases_xml 1 2
	awk 'BEGIN { printf "<case"; for (i = 0; i < 100000; i++) printf " a%d=\"%d\"", i, i; print "><number>N3</number></case>" }'
	cases_xml 4 4; echo '</cases>'
} >"$INBOX/a.xml"
LIMIT=20 run xml-in
says attributes_max
[ "$code" = 1 ] || [ "$code" = 65 ] || fail "exit code $code"
[ "$(sql 'SELECT count(*) FROM case_record')" -ge 2 ] || fail "the cases before it are gone"
