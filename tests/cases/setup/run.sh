#!/bin/sh
# What a person has to put right is 78, said with its place, and nothing is touched.
. "$(dirname "$0")/../common/steps.sh"

{ echo '<cases>'; cases_xml 1 3; echo '</cases>'; } >"$INBOX/a.xml"
sed -i 's#from="box/xml"#from="box/xlm"#' "$SITE/site.xml"
run xml-in
exits 78
says site.xml:4:
says xml
cp "$CASE/../common/site.xml" "$SITE/site.xml"

# A mapping with a mistake.
mkdir -p "$SITE/mappings"
sed 's/here="title"/here="tilte"/' "$CASE/../common/mappings/xml.xml" >"$SITE/mappings/xml.xml"
run xml-in
exits 78
says xml.xml:6:
says title
rm -r "$SITE/mappings"

# A flow that is not there; a folder that is not there.
run nothing
exits 64
rm "$INBOX/a.xml"
rmdir "$INBOX"
run xml-in
exits 78
says inbox
stored 0
