#!/bin/sh
# bench.sh - how fast and how large, beside peers and floors in the same run.
#
#     make bench [CASES=100000] [RUNS=5] [BIG=1] [ONLY=xml-map,xml-store]
#
# Each of RUNS rounds runs all of them, floors and peers between ours, and every figure
# is the best of the rounds: a machine that is busy for a while is busy for all. What is
# done once for a site (its tables) is done before the clock starts. A result is checked
# before it counts: how many records and parties came out, a hash over their sorted
# numbers, and that all three formats gave the same records. BIG=1 adds memory at
# 1 000 000 cases.
set -u
OUT=${OUT:-build/release}
CASES=${CASES:-100000}
RUNS=${RUNS:-5}
BIG=${BIG:-0}
ONLY=${ONLY:-}
SEED=${SEED:-1}
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=$(cd "$OUT" && pwd)
WORK=$OUT/bench/work
MEASURE=$OUT/bench/measure
CASEBRIDGE=$OUT/casebridge
CASEBRIDGE_MAPPINGS=$HERE/mappings
CASEBRIDGE_PLUGINS=$OUT/plugins
CASEBRIDGE_LANG=en
export CASEBRIDGE_MAPPINGS CASEBRIDGE_PLUGINS CASEBRIDGE_LANG
RESULTS=$WORK/results
mkdir -p "$WORK"
: >"$RESULTS"
failed=0

has() { command -v "$1" >/dev/null 2>&1; }
wanted() {
	[ -z "$ONLY" ] && return 0
	case ",$ONLY," in *",$1,"*) return 0 ;; esac
	return 1
}
hash_of() { LC_ALL=C sort | sha256sum | cut -c1-16; }
wrong() {
	printf 'WRONG  %s: %s\n' "$1" "$2" >&2
	failed=1
}

# What must come out, said by the generator's own files and nothing of ours.
expect() {
	records=$1
	numbers=$(awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "CXB2024-%08d\n", i }' | hash_of)
	parties=$(LC_ALL=C grep -o '<GXR>' "$2" | wc -l)
}

# name cases is-right? → one line of results from what measure said.
keep() {
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$(tr ' ' '\t' <"$WORK/measured")" "$3" >>"$RESULTS"
}

take() { # name cases COMMAND…: measured, its output in $WORK/out
	name=$1 cases=$2
	shift 2
	"$MEASURE" -o "$WORK/out" -e "$WORK/err" "$@" 3>"$WORK/measured"
	read -r _ _ _ _ status <"$WORK/measured"
	if [ "$status" != 0 ]; then
		wrong "$name" "exit $status: $(head -c 300 "$WORK/err")"
		keep "$name" "$cases" no
		return 1
	fi
}

check_lines() { # name: NDJSON in $WORK/out
	n=$(wc -l <"$WORK/out")
	h=$(LC_ALL=C grep -o '"number":"[^"]*"' "$WORK/out" | cut -d'"' -f4 | hash_of)
	p=$(LC_ALL=C grep -o '"role":"' "$WORK/out" | wc -l)
	judge "$1" "$n" "$h" "$p"
}

check_store() { # name, database
	n=$(sqlite3 -readonly "$2" 'SELECT count(*) FROM case_record')
	h=$(sqlite3 -readonly "$2" 'SELECT number FROM case_record' | hash_of)
	p=$(sqlite3 -readonly "$2" 'SELECT count(*) FROM case_party')
	judge "$1" "$n" "$h" "$p"
}

judge() {
	if [ "$2 $3 $4" = "$records $numbers $parties" ]; then
		keep "$1" "$cases" yes
		return 0
	fi
	wrong "$1" "records $2 ($records), numbers $3 ($numbers), parties $4 ($parties)"
	keep "$1" "$cases" no
	return 1
}

same() { # kind name digest: the formats must agree on every field
	if [ ! -s "$WORK/same-$1" ]; then
		echo "$3" >"$WORK/same-$1"
	elif [ "$(cat "$WORK/same-$1")" != "$3" ]; then
		wrong "$2" "its records are not those of the other formats"
	fi
}

map_in() { # name format cases [suffix]
	wanted "$1" || return 0
	take "$1" "$3" "$CASEBRIDGE" map in --model "$HERE/mappings/model/bench.xml" \
		"$HERE/mappings/$2.xml" "$WORK/$3.${4:-$2}" || return 0
	check_lines "$1" && same map "$1" "$(hash_of <"$WORK/out")"
}

site() { # format: a site of its own, its tables made and nothing in them
	rm -rf "$WORK/site-$1"
	CASEBRIDGE_MAPPINGS=$HERE/../../mappings "$CASEBRIDGE" init "$WORK/site-$1" >/dev/null || exit 1
	cat >"$WORK/site-$1/site.xml" <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="bench" model="bench" zone="+08:00">
	  <connection name="bench" connector="bench"><set name="folder" value="inbox"/></connection>
	  <import name="in" from="bench/$1"/>
	</site>
	XML
	"$CASEBRIDGE" run in --site "$WORK/site-$1" >/dev/null || exit 1
}

rows() { # database: every field of every record, without what the store adds
	sqlite3 -readonly "$1" "SELECT number, title, about, type, status, occurred, reported, appointed, people,
		level, urgency, amount, note, withdrawn, source_system, source_id, source_changed, source_channel,
		place_address, place_region, place_town, place_town_name, place_village, place_east, place_north,
		studio_code, reporter_name, reporter_phone FROM case_record;
		SELECT c.number, _position, p.role, p.name, id_type, id_number, sex, birth, phone, address
		FROM case_party p JOIN case_record c ON c._id = p._record" | hash_of
}

to_store() { # name format cases
	wanted "$1" || return 0
	site "$2"
	case $2 in json) suffix=ndjson ;; *) suffix=$2 ;; esac
	ln "$WORK/$3.$2" "$WORK/site-$2/inbox/cases.$suffix"
	take "$1" "$3" "$CASEBRIDGE" run in --site "$WORK/site-$2" || return 0
	check_store "$1" "$WORK/site-$2/casebridge.db" && same store "$1" "$(rows "$WORK/site-$2/casebridge.db")"
}

again() { # name format cases: the same file under another name; nothing may change
	wanted "$1" || return 0
	before=$(sqlite3 -readonly "$WORK/site-$2/casebridge.db" 'SELECT max(_change) FROM case_record')
	ln "$WORK/$3.$2" "$WORK/site-$2/inbox/again.$2"
	take "$1" "$3" "$CASEBRIDGE" run in --site "$WORK/site-$2" || return 0
	after=$(sqlite3 -readonly "$WORK/site-$2/casebridge.db" 'SELECT max(_change) FROM case_record')
	[ "$before" = "$after" ] || wrong "$1" "something changed: $before → $after"
	check_store "$1" "$WORK/site-$2/casebridge.db"
}

make_input() { # cases
	for format in xml json csv; do
		[ -s "$WORK/$1.$format" ] && [ "$WORK/$1.$format" -nt "$OUT/sim/generate" ] && continue
		"$OUT/sim/generate" bench --cases "$1" --seed "$SEED" --format "$format" "$WORK/$1.$format" || exit 1
	done
}

# ---------------------------------------------------------------- peers

peer_xsltproc() {
	has xsltproc && wanted xsltproc || return 0
	take xsltproc "$CASES" xsltproc "$HERE/peers/lines.xsl" "$WORK/$CASES.xml" || return 0
	h=$(cut -f5 "$WORK/out" | hash_of)
	p=$(LC_ALL=C grep -oE '	(applicant|respondent)	' "$WORK/out" | wc -l)
	judge xsltproc "$(wc -l <"$WORK/out")" "$h" "$p"
}

peer_jq() {
	has jq && wanted jq || return 0
	take jq "$CASES" jq -c -f "$HERE/peers/reshape.jq" "$WORK/$CASES.json" || return 0
	check_lines jq
}

peer_sqlite() {
	has sqlite3 && wanted sqlite3 || return 0
	rm -f "$WORK"/peer.db*
	sed "s#\"INPUT\"#$WORK/$CASES.csv#" "$HERE/peers/import.sql" >"$WORK/import.sql"
	for peer in sqlite3 sqlite3-again; do
		take $peer "$CASES" sqlite3 -batch "$WORK/peer.db" ".read $WORK/import.sql" || return 0
		check_store $peer "$WORK/peer.db"
	done
}

# What is shipped for the grid: 34 fields and conditions, over the same events.
grid_map() {
	wanted grid-map || return 0
	take grid-map "$CASES" "$CASEBRIDGE" map in --model "$HERE/../../mappings/model/mediation.xml" \
		"$HERE/../../mappings/grid-event.xml" "$WORK/$CASES.xml" && check_lines grid-map
}

# A workbook that we wrote, read by us and by openpyxl; every row must come back.
workbook() {
	wanted xlsx-map && [ -s "$WORK/$CASES.csv" ] || return 0
	[ -s "$WORK/$CASES.xlsx" ] || {
		"$CASEBRIDGE" map in --model "$HERE/mappings/model/bench.xml" "$HERE/mappings/csv.xml" "$WORK/$CASES.csv" |
			"$CASEBRIDGE" map out --model "$HERE/mappings/model/bench.xml" "$HERE/mappings/csv.xml" --format xlsx \
				>"$WORK/$CASES.xlsx"
	}
	map_in xlsx-map csv "$CASES" xlsx
	peer_openpyxl
}

peer_openpyxl() {
	[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import openpyxl' 2>/dev/null || return 0
	take openpyxl "$CASES" /usr/bin/python3 -c 'import sys, json, openpyxl
rows = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True).active.iter_rows(values_only=True)
heading = next(rows)
for row in rows:
	print(json.dumps({k: v for k, v in zip(heading, row) if v is not None}, separators=(",", ":")))' \
		"$WORK/$CASES.xlsx" || return 0
	n=$(wc -l <"$WORK/out")
	[ "$n" = "$records" ] && keep openpyxl "$CASES" yes || wrong openpyxl "$n records"
}

# A code table of 100 000 rows: every record asks it. What it costs to make ready is in the figure.
codes_map() {
	wanted codes-map || return 0
	mkdir -p "$WORK/codes"
	awk 'BEGIN { print "here,there"; for (i = 0; i < 100000; i++) printf "ours-%d,%06d\n", i, i }' >"$WORK/codes/k.csv"
	awk -v n="$CASES" 'BEGIN { print "n,a"; for (i = 1; i <= n; i++) printf "CXB2024-%08d,%06d\n", i, i * 7919 % 100000 }' \
		>"$WORK/codes/in.csv"
	echo '<mapping name="codes"><there format="table"/><here type="case"/><codes name="k" href="k.csv"/>
		<field here="number" there="n" key="yes" need="yes"/><field here="note" there="a" codes="k"/></mapping>' \
		>"$WORK/codes/codes.xml"
	take codes-map "$CASES" "$CASEBRIDGE" map in --model "$HERE/mappings/model/bench.xml" "$WORK/codes/codes.xml" \
		"$WORK/codes/in.csv" || return 0
	n=$(grep -c '"note":"ours-' "$WORK/out")
	[ "$n" = "$records" ] && keep codes-map "$CASES" yes || wrong codes-map "$n records"
	# Engine and workers, as a site runs them: who compiles, and what it costs each.
	cp "$WORK/codes/k.csv" "$WORK/codes/kept.csv"
	CASEBRIDGE_PROGRAM=$CASEBRIDGE CASEBRIDGE_PLUGINS=$OUT/plugins "$OUT/bench/tables" "$HERE/mappings/model/bench.xml" \
		"$WORK/codes/codes.xml" "$WORK/codes/k.csv" >"$WORK/tables" || wrong codes-shared failed
	mv "$WORK/codes/kept.csv" "$WORK/codes/k.csv"
}

# ---------------------------------------------------------------- floors

floor_sax() {
	wanted floor-sax || return 0
	take floor-sax "$CASES" "$OUT/bench/floor_sax" "$WORK/$CASES.xml" || return 0
	keep floor-sax "$CASES" yes
	# Ours keeps two cores busy, and on many machines a core is slower beside a busy one.
	# shellcheck disable=SC2016
	take floor-sax-both "$CASES" sh -c '"$1" "$2" & "$1" "$2" && wait' - "$OUT/bench/floor_sax" "$WORK/$CASES.xml" || return 0
	keep floor-sax-both "$CASES" yes
}

# It says its own time: what it loads beforehand is not the floor's.
floor_sqlite() { # name TABLE…
	name=$1
	shift
	wanted "$name" && [ -s "$WORK/site-xml/casebridge.db" ] || return 0
	if "$OUT/bench/floor_sqlite" "$WORK/site-xml/casebridge.db" "$WORK/floor.db" "$@" >"$WORK/out"; then
		read -r n wall cpu <"$WORK/out"
		echo "$wall $cpu $cpu 0 0" >"$WORK/measured"
		keep "$name" "$n" yes
	else
		wrong "$name" failed
	fi
	rm -f "$WORK"/floor.db*
}

# ---------------------------------------------------------------- the whole

one_round() {
	cases=$CASES
	floor_sax
	map_in xml-map xml "$CASES"
	peer_xsltproc
	map_in json-map json "$CASES"
	peer_jq
	map_in csv-map csv "$CASES"
	grid_map
	codes_map
	workbook
	to_store xml-store xml "$CASES"
	floor_sqlite floor-sqlite case_record case_party link piece
	floor_sqlite floor-sqlite-records case_record case_party
	again xml-again xml "$CASES"
	to_store json-store json "$CASES"
	to_store csv-store csv "$CASES"
	peer_sqlite
	again csv-again csv "$CASES"
}

memory_at() { # cases
	[ "$1" = "$CASES" ] && return 0
	make_input "$1"
	expect "$1" "$WORK/$1.xml"
	rm -f "$WORK"/same-*
	for format in xml json csv; do
		map_in "$format-map" "$format" "$1"
		to_store "$format-store" "$format" "$1"
		rm -rf "$WORK/site-$format"
	done
}

[ "$(id -u)" = 0 ] && wanted xlsx-map && "$HERE/../deps.sh" python3-openpyxl
make_input "$CASES"
expect "$CASES" "$WORK/$CASES.xml"
rm -f "$WORK"/same-*
round=0
while [ "$round" -lt "$RUNS" ]; do
	one_round
	round=$((round + 1))
done
memory_at 10000
[ "$BIG" = 1 ] && memory_at 1000000

awk -v cases="$CASES" -f "$HERE/table.awk" "$RESULTS"
[ ! -s "$WORK/tables" ] || awk 'BEGIN { printf "\ncode table of 100 000 rows                  CPU ms, each   PSS MiB, together\n" }
	{ what = $1 == "engine" ? "the engine, which compiles it" : $1 " worker" ($1 > 1 ? "s" : "") ($2 ? " with its tables, the file gone" : " alone, compiling its own") }
	{ printf "%-44s %12.1f %19.1f\n", what, $3, $4 / 1024 }' "$WORK/tables"
[ "$failed" = 0 ] || echo "bench: some results were wrong (above); their figures are not shown"
exit "$failed"
