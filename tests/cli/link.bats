#!/usr/bin/env bats
# casebridge link: duplicates in CSV files.
bats_require_minimum_version 1.5.0

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

@test "parameters count by their names, in any order, and a broken file says its line" {
	link --input people.csv --train --params params.json --clusters one
	turned=$(sqlite3 :memory: "select json_group_array(json_object('more', json('[[{}]]'), 'levels',
		json_extract(value, '$.levels'), 'name', json_extract(value, '$.name')))
		from json_each(readfile('params.json'), '$.comparisons')")
	sqlite3 :memory: "select json_set(json(readfile('params.json')), '$.comparisons', json('$turned'))" >turned.json
	link --input people.csv --params turned.json --clusters two
	cmp one two
	printf '{\n"match": 0.1,\n"kin": oops}\n' >broken.json
	run link --input people.csv --params broken.json
	[ "$status" -eq 78 ]
	[[ $output == *"broken.json"*"3"* ]]
	printf '%0100d' 0 | tr 0 '[' >deep.json
	run link --input people.csv --params deep.json
	[ "$status" -eq 78 ]
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

# Parties of cases, who is who, and a specification of them without and with companions.
parties() {
	"$OUT/sim/duplicates" disputes --hard --seed 5 --rows 12000 parties.csv truth.csv cases.csv
	SPEC=$BATS_TEST_DIRNAME/../bench/link/parties.xml
	awk '/companions/ { next } /同案的人/ { skip = 1 } !skip { print } /<\/compare>/ { skip = 0 }' "$SPEC" >alone.xml
}

@test "who stands with the same people is found, whatever little is said" {
	parties
	run link --input parties.csv --labels truth.csv
	[ "$status" -eq 0 ]
	together=$(f1_of "pairs in clusters" <<<"$output")
	run "$OUT/casebridge" link --spec alone.xml --input parties.csv --labels truth.csv
	[ "$status" -eq 0 ]
	alone=$(f1_of "pairs in clusters" <<<"$output")
	echo "together $together, alone $alone"
	[ "$together" -ge 950 ]
	[ "$together" -ge $((alone + 20)) ]
}

@test "companions: neither the order of rows nor the number of threads changes a byte" {
	parties
	mkdir a b
	link --input parties.csv --threads 1 --pairs a/pairs --clusters a/clusters --train --params a/params
	(head -1 parties.csv && tail -n +2 parties.csv | shuf --random-source=parties.csv) >b/parties.csv
	link --input b/parties.csv --threads 3 --pairs b/pairs --clusters b/clusters --train --params b/params
	rm b/parties.csv
	diff -r a b
	run link --input parties.csv --params a/params --labels truth.csv
	[ "$(f1_of "pairs in clusters" <<<"$output")" -ge 950 ]
	# A pair that they led to is explained like any other.
	IFS=, read -r _ one _ two weight _ < <(grep 'companions 2' a/pairs | head -1)
	run link --input parties.csv --explain "$one" "$two"
	[ "$status" -eq 0 ]
	[[ $output == *"companions in common 2"* ]]
	[[ $output == *"total $(printf %.2f "$weight")"* ]]
}

@test "two parties of one case are never one" {
	parties
	link --input parties.csv --clusters clusters.csv
	awk -F, 'NR == FNR { case_of[$1] = $2; next } FNR > 1 && seen[$3, case_of[$2]]++ { exit 1 }' \
		parties.csv clusters.csv
	sed -i '/<never same/d' alone.xml
	"$OUT/casebridge" link --spec alone.xml --input parties.csv --clusters clusters.csv
	run awk -F, 'NR == FNR { case_of[$1] = $2; next } FNR > 1 && seen[$3, case_of[$2]]++ { exit 1 }' \
		parties.csv clusters.csv
	[ "$status" -eq 1 ]
}

@test "an id says the birth date where nothing else does, and says it once" {
	parties
	printf '%s\n' 'x1,k1,studio,applicant,岑雨桐,女,330299198803158325,,,' 'x2,k2,grid,applicant,岑雨桐,女,,1988年3月15日,,' \
		'x3,k3,studio,applicant,岑雨桐,女,330299198803158325,1988-03-15,,' >>parties.csv
	run link --input parties.csv --explain x1 x2
	[ "$status" -eq 0 ]
	grep -q '出生日期 *the same ' <<<"$output"
	run link --input parties.csv --explain x1 x3
	grep -q '出生日期 *missing ' <<<"$output"
	sed 's/or="idcard"/or="phone"/' "$SPEC" >bad.xml
	run "$OUT/casebridge" link --spec bad.xml --input parties.csv
	[ "$status" -eq 78 ]
	[[ $output == *"takes a date from an id alone"* ]]
}

@test "companions stand alone, once, and in files" {
	parties
	touch cases.csv
	bad() {
		sed "$1" "$SPEC" >bad.xml
		run "$OUT/casebridge" link --spec bad.xml --input parties.csv
		[ "$status" -eq 78 ]
		[[ $output == *"$2"* ]]
	}
	bad 's|<level is="companions" bound="1"/>|<level is="exact"/>|' "companions stands alone"
	bad 's|<level is="surname"/>|<level is="companions" bound="1"/>|' "companions stands alone"
	bad 's|<link name="parties"|& model="mediation" entity="case"|' "companions is for files"
	bad 's|<never same="case"/>|<never same="cases"/>|' "case"
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

@test "a profile finds more true pairs than the rules by hand, with fewer pairs, and says so" {
	run -0 --separate-stderr "$OUT/casebridge" link profile --spec "$SPEC" --input people.csv \
		--labels truth.csv --json --out blocks.xml
	compared=$(grep -o '"compared":[0-9]*' <<<"$output" | cut -d: -f2)
	right=$(grep -o '"right":[0-9]*' <<<"$output" | cut -d: -f2)
	by_hand=$(link --input people.csv --labels truth.csv --json)
	[ "$compared" -le 15000 ] # five pairs a record
	[ "$compared" -lt "$(grep -o '"compared":[0-9]*' <<<"$by_hand" | cut -d: -f2)" ]
	[ "$right" -ge "$(grep -o '"blocked":[0-9]*' <<<"$by_hand" | cut -d: -f2)" ]

	# What it prints goes into a specification as it is, and finds exactly that.
	awk 'FNR == NR { blocks = blocks $0 "\n"; next } /<block>/ { printf "%s", blocks; blocks = ""; next }
		{ print }' blocks.xml "$SPEC" >chosen.xml
	SPEC=chosen.xml
	run -0 --separate-stderr link --input people.csv --labels truth.csv --json
	[[ $output == *"\"compared\":$compared,"* ]]
	[[ $output == *"\"blocked\":$right,"* ]]
}

@test "a profile keeps to its budget, is near the truth, and threads change nothing" {
	profile() { "$OUT/casebridge" link profile --spec "$SPEC" --input people.csv --json "$@"; }
	profile --budget 1 --threads 1 --labels truth.csv >one
	profile --budget 1 --threads 4 --labels truth.csv >four
	cmp one four
	[ "$(grep -o '"compared":[0-9]*' one | cut -d: -f2)" -le 3000 ]
	awk -F'[:,]' '{ for (i = 1; i < NF; i++) v[$i] = v[$i] == "" ? $(i + 1) : v[$i] }
		END { off = v["\"expected_recall\""] - v["\"right\""] / v["\"true\""]; exit !(off < 0.03 && off > -0.03) }' one
	run "$OUT/casebridge" link profile --spec "$SPEC" --input people.csv --budget 0
	[ "$status" -eq 64 ]
}

@test "weights and a pair are drawn, whatever is written in the data" {
	printf 'id,given_name,surname,date_of_birth,street,suburb,postcode,phone,soc_sec_id\n' >odd.csv
	printf '%s,"<b>&""",王\001小明,1970-01-02,"]]><script>",town,1234,5551234,99\n' 'a<' 'b&' >>odd.csv
	tail -n +2 people.csv >>odd.csv
	link --input odd.csv --draw weights.svg
	link --input odd.csv --explain 'a<' 'b&' --draw pair.svg
	xmllint --noout weights.svg pair.svg
	[ "$(xmllint --xpath 'count(//*[local-name()="script" or local-name()="b"])' pair.svg)" -eq 0 ]
	[[ $(xmllint --xpath 'string(/*/*[local-name()="title"])' pair.svg) == "a< · b&" ]]
	grep -q 小明 pair.svg
	# A line for each level and each part; the bars of the parts and of the total.
	[ "$(grep -c '<rect .*fill="#[2c]' pair.svg)" -eq 10 ]
	[ "$(grep -c '<rect .*fill="#[2c]' weights.svg)" -eq $((3 * 24)) ]
	run link --input odd.csv --explain 'a<' nobody --draw none.svg
	[ "$status" -eq 78 ]
	[ ! -e none.svg ]
}

@test "the steps and their times are told to who asks" {
	run link --input people.csv --verbose
	[ "$status" -eq 0 ]
	for step in load order forms blocks pairs strangers learn weigh cluster; do
		[[ $output =~ (^|$'\n')" "*$step" "+[0-9]+\.[0-9]{3}" "+[0-9]+\.[0-9]{3}" "+[0-9]+ ]]
	done
	run link --input people.csv --verbose --json
	[[ $output == *'"steps":[{"name":"load","seconds":0.'* ]]
	run link --input people.csv
	[[ $output != *"peak MB"* ]]
}

@test "clusters and pairs are the same in a database as in the files, which is there whole or not at all" {
	link --input people.csv --clusters clusters.csv --pairs pairs.csv --links links.db
	[ "$(sqlite3 -csv links.db 'SELECT source, id, cluster FROM clusters ORDER BY record')" = "$(tail -n +2 clusters.csv)" ]
	[ "$(sqlite3 -csv links.db "SELECT source_1, id_1, source_2, id_2, printf('%.4f', weight), printf('%.6f', probability) FROM pairs")" = \
		"$(tail -n +2 pairs.csv | cut -d, -f1-6)" ]
	[ "$(sqlite3 links.db "SELECT group_concat(level) FROM levels WHERE pattern = (SELECT pattern FROM pairs LIMIT 1)")" = \
		"$(sed -n 2p pairs.csv | cut -d, -f7-)" ]
	cp links.db before.db
	run link --input people.csv --links nowhere/links.db
	[ "$status" -ne 0 ]
	link --input people.csv --links links.db # what was there gives way
	cmp links.db before.db
	[ "$(echo links.db*)" = links.db ]
}

@test "a limit of memory, and pairs in a file, change no byte" {
	"$OUT/sim/duplicates" disputes --seed 7 --rows 3000 parties.csv parties-truth.csv cases.csv
	mkdir a b
	for set in "$SPEC people.csv" "$BATS_TEST_DIRNAME/../bench/link/parties.xml parties.csv"; do
		SPEC=${set% *}
		link --input "${set#* }" --pairs a/pairs --clusters a/clusters --train --params a/params --json >a/said
		link --input "${set#* }" --pairs b/pairs --clusters b/clusters --train --params b/params --json --memory 1M >b/said
		diff -r a b
	done
	run link --input parties.csv --memory 1M
	[[ $output == *"--memory"* ]] # the records alone are more
	run link --input parties.csv --memory 2G
	[[ $output != *"--memory"* ]]
	run link --input parties.csv --memory much
	[ "$status" -eq 64 ]
	TMPDIR=/nowhere run link --input parties.csv --memory 1M
	[ "$status" -eq 0 ]
	[[ $output == *"TMPDIR"* ]]
}
