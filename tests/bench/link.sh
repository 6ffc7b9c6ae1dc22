#!/bin/sh
# link.sh - how well and how fast records are linked, on sets made from seeds.
#
#     make bench-link [SEED=1] [RUNS=3]
#
# Training is without labels, the cut is the default one; the truth is only for measuring.
# Time is the best of RUNS and has everything in it: loading, learning, clusters.
set -eu
OUT=$(cd "${OUT:-build/release}" && pwd)
SEED=${SEED:-1}
RUNS=${RUNS:-3}
HERE=$(cd "$(dirname "$0")" && pwd)
RULES=$HERE/../../mappings/rules
WORK=$OUT/bench/link
CASEBRIDGE_LANG=en
export CASEBRIDGE_LANG
mkdir -p "$WORK/hard" "$WORK/second"

number() { sed "s/.*\"$1\":{[^}]*\"f1\":\([0-9.]*\).*/\1/"; }
plain() { sed "s/.*\"$1\":\([0-9.]*\)[,}].*/\1/"; }

# The best of RUNS: casebridge link with these options.
best_of() {
	best=
	for _ in $(seq "$RUNS"); do
		"$OUT/bench/measure" -o "$WORK/out" -e "$WORK/err" "$OUT/casebridge" link "$@" 3>"$WORK/measured"
		now=$(cat "$WORK/measured")
		if [ -z "$best" ] || [ "$(printf '%s\n%s\n' "$now" "$best" | sort -n | head -1)" = "$now" ]; then
			best=$now
		fi
	done
	echo "$best"
}

# name specification input truth
set_of() {
	result=$("$OUT/casebridge" link --json --spec "$2" --input "$3" --labels "$4" 2>/dev/null)
	best=$(best_of --spec "$2" --input "$3" --clusters "$WORK/clusters.csv")
	printf '%-12s %9s %9s   %s  %s  %s   %s\n' "$1" "$(echo "$result" | plain records)" \
		"$(echo "$result" | plain compared)" "$(echo "$result" | number pairs)" \
		"$(echo "$result" | number clusters_pairs)" "$(echo "$result" | plain expected_f1)" "$best"
}

made() { "$OUT/sim/duplicates" "$@"; }
made people --seed "$SEED" "$WORK/people.csv" "$WORK/people-truth.csv"
made historical --seed "$SEED" "$WORK/historical.csv" "$WORK/historical-truth.csv"
made disputes --seed "$SEED" "$WORK/parties.csv" "$WORK/parties-truth.csv" "$WORK/cases.csv"
made disputes --hard --seed "$SEED" "$WORK/hard/parties.csv" "$WORK/hard-truth.csv" "$WORK/cases.csv"
made many --seed "$SEED" "$WORK/many.csv" "$WORK/many-truth.csv"
# The same columns by another hand, which knew nothing of how records are compared.
"$OUT/sim/second_opinion" people --seed "$SEED" "$WORK/second/people"
"$OUT/sim/second_opinion" parties --seed "$SEED" "$WORK/second/parties"

printf '%-12s %9s %9s   %-8s  %-8s  %-8s   %s\n' set records pairs "pair F1" "cluster F1" expected \
	"seconds, cpu, busiest, kB, status"
set_of people "$RULES/people.xml" "$WORK/people.csv" "$WORK/people-truth.csv"
set_of historical "$HERE/link/historical.xml" "$WORK/historical.csv" "$WORK/historical-truth.csv"
set_of parties "$HERE/link/parties.xml" "$WORK/parties.csv" "$WORK/parties-truth.csv"
set_of parties-hard "$HERE/link/parties.xml" "$WORK/hard/parties.csv" "$WORK/hard-truth.csv"
set_of many "$HERE/link/many.xml" "$WORK/many.csv" "$WORK/many-truth.csv"
set_of people-2nd "$RULES/people.xml" "$WORK/second/people.csv" "$WORK/second/people.truth.csv"
set_of parties-2nd "$HERE/link/parties.xml" "$WORK/second/parties.csv" "$WORK/second/parties.truth.csv"

# The same million, with clusters and links in a database.
printf '%-12s %57s %s\n' "many, --links" "" \
	"$(best_of --spec "$HERE/link/many.xml" --input "$WORK/many.csv" --links "$WORK/links.db")"

# Cost by pairs: the same kind of set, and what a limit of memory does to the largest.
for rows in 100000 1000000 5000000; do
	made many --seed "$SEED" --rows "$rows" "$WORK/scale.csv" "$WORK/scale-truth.csv"
	pairs=$("$OUT/casebridge" link --json --spec "$HERE/link/many.xml" --input "$WORK/scale.csv" \
		2>/dev/null | plain compared)
	printf 'many %-9s %7s pairs %s\n' "$rows" "$pairs" "$(best_of --spec "$HERE/link/many.xml" \
		--input "$WORK/scale.csv" --clusters "$WORK/clusters.csv")"
done
printf 'many %-9s --memory 1G  %s\n' "$rows" "$(best_of --spec "$HERE/link/many.xml" \
	--input "$WORK/scale.csv" --clusters "$WORK/limited.csv" --memory 1G)"
cmp "$WORK/clusters.csv" "$WORK/limited.csv"
rm "$WORK/scale.csv"

# Where true pairs are lost: two records for themselves, and with who stands with them.
lost() {
	for how in alone companions; do
		[ $how = alone ] && without='/<compare label="同案的人"/,/<\/compare>/d' || without=
		sed "$without;s|</link>|<cut doubt=\"0\"/></link>|" "$HERE/link/parties.xml" >"$WORK/$how.xml"
		cut=$("$OUT/casebridge" link --json --spec "$WORK/$how.xml" --input "$2" --pairs "$WORK/pairs.csv" \
			--clusters "$WORK/clusters.csv" 2>/dev/null | plain cut)
		printf '%s, %s\n' "$1" "$how"
		awk -v cut="$cut" -v cells="$WORK/cells" -f "$HERE/link/lost.awk" "$3" "$WORK/clusters.csv" "$WORK/pairs.csv"
	done
}
echo
lost parties-hard "$WORK/hard/parties.csv" "$WORK/hard-truth.csv"
lost parties-2nd "$WORK/second/parties.csv" "$WORK/second/parties.truth.csv"
echo

# One record against all that were there before it, each in a transaction of its own.
rm -rf "$WORK/store"
mkdir "$WORK/store"
"$OUT/bench/arrive" "$HERE/link/many.xml" "$HERE/../../mappings/model/mediation.xml" \
	"$WORK/many.csv" "$WORK/store"

# The cases of four desks through a site: people first, then cases by the rules that ship.
SITE=$WORK/site
rm -rf "$SITE"
"$OUT/casebridge" init "$SITE" >/dev/null
mkdir -p "$SITE/mappings" "$SITE/inbox"
cp -R "$HERE/link/desks/." "$HERE/../../mappings/codes" "$SITE/mappings/"
cat >"$SITE/site.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<site name="bench" model="mediation" zone="+08:00">
  <connection name="desks" connector="desks"><set name="folder" value="inbox"/></connection>
  <import name="in" from="desks/cases"/>
</site>
XML
made disputes --seed "$SEED" "$WORK/parties.csv" "$WORK/truth.csv" "$WORK/cases.csv"
(cd "$WORK" && sqlite3 :memory: <"$HERE/link/cases.sql" >"$SITE/inbox/cases.ndjson")
run() { # COMMAND…: its time
	"$OUT/bench/measure" -o "$WORK/out" -e "$WORK/err" "$OUT/casebridge" --site "$SITE" "$@" 3>"$WORK/measured" || true
	printf '%-12s %s\n' "$1 $2" "$(cat "$WORK/measured")"
	grep -h records "$WORK/out" || true
}
run run in
run dup run
(cd "$WORK" && sqlite3 -readonly "$SITE/casebridge.db" <"$HERE/link/cases_score.sql")
# Some more of them: only these are matched.
sed -n '100,150p' "$SITE/inbox/done/cases.ndjson" | sed 's/"number":"c/"number":"n/' >"$SITE/inbox/more.ndjson"
run run in
run dup run
