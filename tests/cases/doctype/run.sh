#!/bin/sh
# A document type with entities that unfold without end: refused at its place.
. "$(dirname "$0")/../common/steps.sh"

{
	printf '<!DOCTYPE cases [\n<!ENTITY a "xxxxxxxxxx">\n'
	p=a
	for n in b c d e f g h i j; do printf '<!ENTITY %s "&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;">\n' $n $p $p $p $p $p $p $p $p $p $p; p=$n; done
	printf ']>\n<cases>'; cases_xml 1 2; printf '<case><number>N3</number><title>&j;</title></case></cases>\n'
} >"$INBOX/a.xml"
LIMIT=10 run xml-in
exits 65
says a.xml
says :1:
stored 0

# An entity from outside must not be fetched.
printf '<!DOCTYPE cases [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<cases><case><number>N3</number><title>&x;</title></case></cases>\n' >"$INBOX/a.xml"
run xml-in
exits 65
silent_on root:
stored 0
