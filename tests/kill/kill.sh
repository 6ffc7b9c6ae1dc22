#!/bin/sh
# kill.sh - kill -9 the engine at random moments, let it go on, compare the books.
#
#     OUT=build/release tests/kill/kill.sh [N=200] [SEED=…] [ONLY=files|grid|upload]
#
# Three kinds of run in turn: an import from files, one from the grid simulator, an
# upload to the platform simulator (two of three with faults at the platform). A
# round kills one to three times, each at a moment drawn over the whole length of
# an undisturbed run, then runs to the end. Nothing may be lost or doubled: what
# is right is read from the source files and from the simulators' own ledgers.
# The last line is "N passed, N failed"; a failed round keeps its folder.
set -u
for setting; do export "${setting?}"; done
N=${N:-200}
SEED=${SEED:-$(date +%s)}
ONLY=${ONLY:-}
CASES=${CASES:-12000}
EVENTS=${EVENTS:-600}
WORLD=$((SEED % 9999999 + 1)) # of the simulators
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
OUT=$(cd "${OUT:-$ROOT/build/release}" && pwd)
WORK=$OUT/tests/kill
PATH=$OUT:$PATH
CASEBRIDGE_LANG=en
CASEBRIDGE_PLUGINS=$OUT/plugins
export PATH CASEBRIDGE_LANG CASEBRIDGE_PLUGINS
passed=0 failed=0 early=0 kills=0 sims=

echo "kill: N=$N SEED=$SEED"
trap 'for p in $sims; do kill "$p" 2>/dev/null; done' EXIT
trap 'exit 130' INT TERM

die() { echo "kill: $*" >&2; exit 2; }
now_ms() { date +%s%3N; }
sql() { sqlite3 -cmd '.timeout 5000' "$1" "$2"; }
claims=
claim() { # what wanted got
	[ "$2" = "$3" ] || claims="$claims  $1: wanted $2, got $3
"
}

# Numbers from 0 to 999, drawn beforehand: a seed gives the same rounds.
draws=$(awk -v seed="$SEED" -v n=$((N * 4 + 8)) 'BEGIN { srand(seed); for (i = 0; i < n; i++) printf "%d ", rand() * 1000 }')
# shellcheck disable=SC2086
set -- $draws

# ------------------------------------------------------------ the world around

start() { # program port-file ARGUMENT… → $port
	program=$1 file=$2
	shift 2
	rm -f "$file"
	"$OUT/sim/$program" --port 0 --port-file "$file" "$@" >>"$WORK/$program.log" 2>&1 &
	sim=$!
	sims="$sims $sim"
	tries=0
	until [ -s "$file" ]; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || die "$program did not start"
		sleep 0.02
	done
	port=$(cat "$file")
}
stop() { # pid
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	sims=$(echo "$sims" | sed "s/ $1\$//; s/ $1 / /")
}

# The installation's connectors, in a hurry: no rate, short pauses, windows of a month;
# and small batches, so that there are many moments to die at.
own_connectors() { # site
	mkdir -p "$1/mappings/connectors"
	for c in grid province; do
		sed 's/rate="[^"]*"/rate="100000\/s"/; s/first="500ms"/first="2ms"/; s/most="[0-9]*m"/most="20ms"/
			s/step="1d"/step="30d"/; s/batch="50"/batch="5"/' "$ROOT/mappings/connectors/$c.xml" >"$1/mappings/connectors/$c.xml"
	done
}

site_xml() { # site grid-port platform-port
	{
		cat <<-XML
		<?xml version="1.0" encoding="UTF-8"?>
		<site name="kill" model="mediation" zone="+08:00">
		  <connection name="grid" connector="grid">
		    <set name="base" value="http://127.0.0.1:$2"/><set name="since" value="2023-03-01"/>
		    <account name="cixi"><set name="user" value="cx01"/><secret name="password" file="secrets/grid"/></account>
		  </connection>
		  <connection name="province" connector="province">
		    <set name="base" value="http://127.0.0.1:$3"/>
		XML
		tail -n +2 "$WORK/studios.tsv" | while IFS='	' read -r code _ _ _ app _; do
			printf '    <account name="%s" for="studio='"'%s'"'"><set name="app" value="%s"/>' "$code" "$code" "$app"
			printf '<secret name="secret" file="secrets/province-%s"/></account>\n' "$code"
		done
		cat <<-XML
		  </connection>
		  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
		  <import name="grid-in" from="grid/events"/>
		  <import name="ledger-in" from="ledger/rows"/>
		  <export name="province-out" to="province/cases" when="status='closed'"/>
		</site>
		XML
	} >"$1/site.xml"
}

new_site() { # folder
	casebridge init "$1" >/dev/null || die init
	printf 'made-up-grid-password' >"$1/secrets/grid"
	tail -n +2 "$WORK/studios.tsv" | while IFS='	' read -r code _ _ _ _ secret; do
		printf '%s' "$secret" >"$1/secrets/province-$code"
	done
	chmod 600 "$1"/secrets/*
	own_connectors "$1"
}

# ------------------------------------------------------------ one round

went=0
run() { # site flow → $code, $went (ms)
	began=$(now_ms)
	timeout 120 casebridge run "$2" --site "$1" --json >>"$WORK/round/log" 2>&1
	code=$?
	went=$(($(now_ms) - began))
}

kill_once() { # site flow moment_ms; what it said is of no interest
	casebridge run "$2" --site "$1" --json >>"$WORK/round/log" 2>&1 &
	victim=$!
	sleep "$(awk -v ms="$3" 'BEGIN { printf "%.3f", ms / 1000 }')"
	if kill -9 $victim 2>/dev/null; then kills=$((kills + 1)); else early=$((early + 1)); fi
	wait $victim 2>/dev/null
	echo "killed after $3 ms" >>"$WORK/round/log"
}

# Kill up to three times, then to the end.
disturb() { # site flow length draw draw draw
	kill_once "$1" "$2" $(($3 * $4 / 1000))
	[ $(($4 % 3)) -gt 0 ] && kill_once "$1" "$2" $(($3 * $5 / 1000))
	[ $(($4 % 3)) -gt 1 ] && kill_once "$1" "$2" $(($3 * $6 / 1000))
	run "$1" "$2"
}

check_store() { # site
	claim integrity ok "$(sql "$1/casebridge.db" 'PRAGMA integrity_check')"
	claim "parties without a case" 0 "$(sql "$1/casebridge.db" 'SELECT count(*) FROM case_party WHERE _record NOT IN (SELECT _id FROM case_record)')"
	claim "links without a case" 0 "$(sql "$1/casebridge.db" 'SELECT count(*) FROM link WHERE record NOT IN (SELECT _id FROM case_record)')"
	claim "cases without a link" 0 "$(sql "$1/casebridge.db" 'SELECT count(*) FROM case_record WHERE _id NOT IN (SELECT record FROM link)')"
}

# ------------------------------------------------------------ files

prepare_files() {
	mkdir -p "$WORK/files-in"
	"$OUT/sim/generate" bench --cases "$CASES" --seed "$WORLD" --format xml "$WORK/all.xml"
	# Two files, so that a kill can also fall between them.
	awk -v half=$((CASES / 3)) -v a="$WORK/files-in/a.xml" -v b="$WORK/files-in/b.xml" '
		/^<event>/ { n++; print > (n <= half ? a : b); next }
		{ print > a; print > b }' "$WORK/all.xml"
	files_numbers=$(grep -o '<AJBH>[^<]*' "$WORK/all.xml" | cut -c7- | LC_ALL=C sort | sha256sum)
	files_parties=$(grep -o '<GXR>' "$WORK/all.xml" | wc -l)
	rm -rf "$WORK/files-site"
	casebridge init "$WORK/files-site" >/dev/null || die init
	cp -R "$ROOT/tests/bench/mappings" "$WORK/files-site/"
	cat >"$WORK/files-site/site.xml" <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="kill" model="bench" zone="+08:00">
	  <connection name="bench" connector="bench"><set name="folder" value="inbox"/></connection>
	  <import name="in" from="bench/xml"/>
	</site>
	XML
	fresh files
	run "$SITE" in
	[ $code = 0 ] || die "an undisturbed import from files ended with $code: $(tail -3 "$WORK/round/log")"
	files_length=$went
	check_files
	[ -z "$claims" ] || die "an undisturbed import is wrong: $claims"
}

fresh() { # kind → $SITE
	rm -rf "$WORK/round"
	mkdir -p "$WORK/round"
	SITE=$WORK/round/site
	cp -a "$WORK/$1-site" "$SITE"
	[ "$1" != files ] || ln "$WORK"/files-in/*.xml "$SITE/inbox/"
	claims=
}

check_files() {
	claim "exit code" 0 $code
	claim cases "$CASES" "$(sql "$SITE/casebridge.db" 'SELECT count(*) FROM case_record')"
	claim numbers "$files_numbers" "$(sql "$SITE/casebridge.db" 'SELECT number FROM case_record' | LC_ALL=C sort | sha256sum)"
	claim parties "$files_parties" "$(sql "$SITE/casebridge.db" 'SELECT count(*) FROM case_party')"
	claim held 0 "$(sql "$SITE/casebridge.db" 'SELECT count(*) FROM held')"
	claim "files in done/" 2 "$(ls "$SITE/inbox/done" 2>/dev/null | wc -l)"
	claim "files left" 0 "$(find "$SITE/inbox" -maxdepth 1 -type f | wc -l)"
	check_store "$SITE"
}

round_files() {
	fresh files
	disturb "$SITE" in "$files_length" "$@"
	check_files
}

# ------------------------------------------------------------ grid

prepare_grid() {
	"$OUT/sim/generate" studios "$WORK/studios.tsv"
	rm -f "$WORK"/grid.db*
	"$OUT/sim/generate" grid --events "$EVENTS" --seed "$WORLD" --until 2024-03-31 "$WORK/grid.db" >>"$WORK/generate.log"
	start grid "$WORK/grid.port" --ledger "$WORK/grid.db" --seed "$WORLD"
	grid_port=$port
	rm -rf "$WORK/grid-site"
	new_site "$WORK/grid-site"
	site_xml "$WORK/grid-site" "$grid_port" 9
	fresh grid
	run "$SITE" grid-in
	[ $code -le 1 ] || die "an undisturbed import from the grid ended with $code: $(tail -3 "$WORK/round/log")"
	grid_length=$went
	grid_books "$SITE" >"$WORK/grid.books"
	check_grid
	[ -z "$claims" ] || die "an undisturbed import is wrong: $claims"
}

# Everything that the store says of the cases, without numbers and times of its own.
grid_books() {
	sql "$1/casebridge.db" "SELECT source_id, number, title, about, type, status, occurred, people, amount, studio,
		place_address, place_region, withdrawn, source_changed FROM case_record ORDER BY source_id, number;
		SELECT c.source_id, p._position, p.role, p.name, p.id_number, p.phone FROM case_party p
		JOIN case_record c ON c._id = p._record ORDER BY 1, 2;
		SELECT key, code, field, outcome FROM held ORDER BY 1, 2, 3, 4"
}

check_grid() {
	[ $code -le 1 ] || claim "exit code" "0 or 1" $code
	claim "cases and held, as without a kill" "$(sha256sum <"$WORK/grid.books")" "$(grid_books "$SITE" | sha256sum)"
	# The source's own book: what has no fault and is for us must be there, once.
	claim "events that are missing" "" "$(sql "$WORK/grid.db" "ATTACH '$SITE/casebridge.db' AS s;
		SELECT id FROM event WHERE id NOT IN (SELECT event_id FROM planted) AND body NOT LIKE '%<AJXL>09%'
		AND id NOT IN (SELECT source_id FROM s.case_record) LIMIT 5" | tr '\n' ' ')"
	claim "events that are there twice" "" "$(sql "$SITE/casebridge.db" 'SELECT source_id FROM case_record GROUP BY source_id HAVING count(*) > 1 LIMIT 5')"
	check_store "$SITE"
}

knob() { # port NAME=RATE…
	knob_port=$1
	shift
	for setting; do
		curl -s -f -o /dev/null -X POST "http://127.0.0.1:$knob_port/-/fault?$setting" || die "no fault $setting"
	done
}

round_grid() {
	fresh grid
	case $((round / 3 % 2)) in
	0) knob "$grid_port" 503=0 drop=0 truncate=0 html=0 gbk=0 wrong-code=0 ;;
	1) knob "$grid_port" 503=0.05 drop=0.05 truncate=0.05 html=0.05 gbk=0.05 wrong-code=0.05 ;;
	esac
	disturb "$SITE" grid-in "$grid_length" "$@"
	check_grid
}

# ------------------------------------------------------------ upload

platform() { # FAULT…: one with an empty ledger
	rm -f "$WORK"/platform.db*
	start platform "$WORK/platform.port" --ledger "$WORK/platform.db" --accounts "$WORK/studios.tsv" --seed "$WORLD" "$@"
	platform_pid=$sim
	site_xml "$SITE" "$grid_port" "$port"
}

# What the platform wants to know of a case comes from the grid and from the ledger.
prepare_upload() {
	rm -rf "$WORK/upload-site"
	cp -a "$WORK/round/site" "$WORK/upload-site"
	"$OUT/sim/generate" ledger --grid "$WORK/grid.db" --seed "$WORLD" "$WORK/upload-site/inbox/book.csv" >>"$WORK/generate.log"
	run "$WORK/upload-site" ledger-in
	[ $code -le 1 ] || die "the ledger's import ended with $code: $(tail -3 "$WORK/round/log")"
	fresh upload
	platform
	run "$SITE" province-out
	[ $code -le 1 ] || die "an undisturbed upload ended with $code: $(tail -3 "$WORK/round/log")"
	upload_length=$went
	upload_held=$(sql "$SITE/casebridge.db" "SELECT count(*) FROM delivery WHERE state = 'held'")
	upload_due=$(sql "$SITE/casebridge.db" "SELECT count(*) FROM delivery")
	check_upload
	sql "$WORK/platform.db" 'SELECT ajbh, account, body FROM case_file ORDER BY ajbh' | sha256sum >"$WORK/upload.books"
	stop "$platform_pid"
	[ "$(sql "$WORK/platform.db" 'SELECT count(*) FROM case_file')" -ge 50 ] || die "hardly anything went up"
	[ -z "$claims" ] || die "an undisturbed upload is wrong: $claims"
}

check_upload() {
	books="ATTACH '$WORK/platform.db' AS p;"
	[ $code -le 1 ] || claim "exit code" "0 or 1" $code
	claim "deliveries" "$upload_due" "$(sql "$SITE/casebridge.db" 'SELECT count(*) FROM delivery')"
	claim "held" "$upload_held" "$(sql "$SITE/casebridge.db" "SELECT count(*) FROM delivery WHERE state = 'held'")"
	claim "on their way" "" "$(sql "$SITE/casebridge.db" "SELECT state, count(*) FROM delivery
		WHERE state NOT IN ('accepted', 'held', 'rejected') GROUP BY state" | tr '\n' ' ')"
	claim "accepted, but not there" 0 "$(sql "$SITE/casebridge.db" "$books SELECT count(*) FROM delivery
		WHERE state = 'accepted' AND key NOT IN (SELECT ajbh FROM p.case_file)")"
	claim "there, but not accepted" 0 "$(sql "$SITE/casebridge.db" "$books SELECT count(*) FROM p.case_file
		WHERE ajbh NOT IN (SELECT key FROM delivery WHERE state = 'accepted')")"
	claim "receipts that are not theirs" 0 "$(sql "$SITE/casebridge.db" "$books SELECT count(*) FROM delivery d
		JOIN p.case_file c ON c.ajbh = d.key WHERE d.state = 'accepted' AND d.receipt IS NOT c.serial")"
	claim "arrived twice" "" "$(sql "$WORK/platform.db" "SELECT ajbh FROM arrival WHERE verdict IN ('new', 'same')
		GROUP BY ajbh HAVING count(*) > 1 LIMIT 5" | tr '\n' ' ')"
	claim "sent as a change" 0 "$(sql "$WORK/platform.db" "SELECT count(*) FROM arrival WHERE verdict = 'update'")"
	claim "sent by another studio" 0 "$(sql "$WORK/platform.db" 'SELECT count(*) FROM arrival WHERE other_studio IS NOT NULL')"
}

round_upload() {
	fresh upload
	case $((round / 3 % 3)) in
	0) platform ;;
	1) platform --fault drop=0.05 --fault 503=0.05 --fault 500-after=0.03 ;;
	2) platform --fault truncate=0.04 --fault html=0.03 --fault wrong-code=0.03 --fault refuse=0.03 --fault gbk=0.03 --fault expire=0.02 ;;
	esac
	disturb "$SITE" province-out "$upload_length" "$@"
	check_upload
	claim "cases at the platform, as without a kill" "$(cat "$WORK/upload.books")" \
		"$(sql "$WORK/platform.db" 'SELECT ajbh, account, body FROM case_file ORDER BY ajbh' | sha256sum)"
	stop "$platform_pid"
}

# ------------------------------------------------------------ all of it

wants() { [ -z "$ONLY" ] || [ "$ONLY" = "$1" ]; }
rm -rf "$WORK"
mkdir -p "$WORK/round"
kinds=
if wants files; then prepare_files && kinds="$kinds files"; fi
if wants grid || wants upload; then prepare_grid; fi
if wants grid; then kinds="$kinds grid"; fi
if wants upload; then prepare_upload && kinds="$kinds upload"; fi
round=0
while [ $round -lt "$N" ]; do
	for kind in $kinds; do
		[ $round -lt "$N" ] || break
		"round_$kind" "$1" "$2" "$3"
		shift 4
		if [ -z "$claims" ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			printf 'FAIL round %d, %s\n%s' $round "$kind" "$claims"
			rm -rf "$WORK/failed-$round"
			mv "$WORK/round" "$WORK/failed-$round"
			[ $kind != upload ] || cp "$WORK/platform.db" "$WORK/failed-$round/"
		fi
		round=$((round + 1))
	done
done
echo "kill: $kills kills in the middle, $early after the end"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
