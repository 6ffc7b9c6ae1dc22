#!/usr/bin/env bats
# casebridge link: duplicates in CSV files.

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	SPEC=$CASEBRIDGE_MAPPINGS/rules/people.xml
	"$OUT/sim/duplicates" people --seed 7 --rows 3000 people.csv truth.csv
	export CASEBRIDGE_LANG=en
}

link() { "$OUT/casebridge" link --spec "$SPEC" "$@"; }

# The F1 of the row that begins with $1, in thousandths.
f1_of() { awk -v name="$1" 'index($0, name) { for (i = 1; i <= NF; i++) if ($i ~ /^[01]\.[0-9]+$/) n[++k] = $i; print int(n[k] * 1000); exit }'; }

@test "people are found without labels, and the report measures it" {
	run link --input people.csv --labels truth.csv --report
	[ "$status" -eq 0 ]
	[ "$(f1_of "pairs in clusters" <<<"$output")" -ge 985 ]
	[[ $output == *"calibrated"* ]]
	[[ $output == *"lost without it"* ]]
}

@test "neither the order of rows nor the number of threads changes a byte" {
	(head -1 people.csv && tail -n +2 people.csv | shuf --random-source=people.csv) >shuffled.csv
	mkdir a b c
	link --input people.csv --threads 1 --pairs a/pairs --clusters a/clusters --train --params a/params
	link --input people.csv --threads 5 --pairs b/pairs --clusters b/clusters --train --params b/params
	mv shuffled.csv c/people.csv
	link --input c/people.csv --threads 2 --pairs c/pairs --clusters c/clusters --train --params c/params
	diff -r a b
	rm c/people.csv
	diff -r a c
	[ "$(wc -l <a/clusters)" -eq 3001 ]
}

@test "parameters that were saved give the same links" {
	link --input people.csv --train --params params.json --clusters one
	link --input people.csv --params params.json --clusters two
	cmp one two
	sed -i 's/"level":"exact"/"level":"exakt"/' params.json
	run link --input people.csv --params params.json
	[ "$status" -eq 78 ]
	[[ $output == *"params.json"*"exact"* ]]
}

@test "a pair is explained part by part, and the parts add up" {
	link --input people.csv --pairs pairs.csv
	IFS=, read -r _ one _ two weight _ < <(sed -n 2p pairs.csv)
	run link --input people.csv --explain "$one" "people:$two"
	[ "$status" -eq 0 ]
	[[ $output == *"total $(printf %.2f "$weight")"* ]]
	[[ $output == *prior* ]]
	run link --input people.csv --explain "$one" nobody
	[ "$status" -eq 78 ]
}

@test "a person's word is obeyed" {
	link --input people.csv --pairs pairs.csv --clusters before.csv
	IFS=, read -r _ one _ two _ < <(sed -n 2p pairs.csv)
	three=$(awk -F, -v a="$one" -v b="$two" 'NR > 1 && $2 != a && $2 != b { print $2; exit }' before.csv)
	printf 'id_1,id_2,match\n%s,%s,0\n%s,%s,1\n' "$one" "$two" "$one" "$three" >rulings.csv
	link --input people.csv --rulings rulings.csv --clusters after.csv
	cluster_of() { awk -F, -v id="$1" '$2 == id { print $3 }' after.csv; }
	[ "$(cluster_of "$one")" != "$(cluster_of "$two")" ]
	[ "$(cluster_of "$one")" = "$(cluster_of "$three")" ]
}

@test "cluster numbers stay, and are never used again" {
	link --input people.csv --clusters first.csv
	head -2900 people.csv >fewer.csv && mv fewer.csv people.csv
	link --input people.csv --previous first.csv --clusters second.csv
	# Who is alone with a number, has it still or gave it up for an older one; nothing new is low.
	run awk -F, 'NR == FNR { old[$2] = $3; if ($3 + 0 > top) top = $3; next }
		FNR > 1 && $3 != old[$2] && $3 <= top { moved++ } FNR > 1 { rows++ }
		END { print (moved + 0 <= rows / 100) ? "stays" : moved }' first.csv second.csv
	[ "$output" = stays ]
}

@test "two files are matched with each other, never within one" {
	awk 'NR == 1 || NR % 2' people.csv >a.csv
	awk 'NR == 1 || !(NR % 2)' people.csv >b.csv
	link --input a.csv --input b.csv --pairs pairs.csv
	run awk -F, 'NR > 1 && $1 == $3' pairs.csv
	[ -z "$output" ]
	[ "$(wc -l <pairs.csv)" -gt 100 ]
}

@test "GB18030, quotes and semicolons are read" {
	printf 'id;given_name;surname;date_of_birth;street;suburb;postcode;phone;soc_sec_id\n' >people.csv
	for i in 1 2; do
		printf '%s;"王ann ""x""";o"hara;1970-01-02;"1; high\nstreet";town;1234;5551234;99\n' "$i"
	done | iconv -f UTF-8 -t GB18030 >>people.csv
	link --input people.csv --clusters -
	run link --input people.csv --explain 1 2
	[ "$status" -eq 0 ]
	[[ $output == *"high"* ]]
}

@test "mistakes in a specification are shown with their place and the nearest word" {
	sed 's/jaro-winkler/jaro-winker/; s/column="phone"/column="phon"/' "$SPEC" >bad.xml
	SPEC=bad.xml
	run link --input people.csv
	[ "$status" -eq 78 ]
	[[ $output == *"bad.xml:"*"'jaro-winkler'"* ]]
	[[ $output == *"'phone'"* ]]
}

@test "mistakes in the data and on the command line are said" {
	run link --input missing.csv
	[ "$status" -eq 78 ]
	sed -i '1s/surname/surnam/' people.csv
	run link --input people.csv
	[ "$status" -eq 78 ]
	[[ $output == *"surname"* ]]
	printf 'id,x\n1,2,3\n' >people.csv
	run link --input people.csv
	[ "$status" -ne 0 ]
	run link
	[ "$status" -eq 64 ]
	run link --input people.csv --threshold 2
	[ "$status" -eq 64 ]
}
