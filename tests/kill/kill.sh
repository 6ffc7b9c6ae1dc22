#!/bin/sh
# kill.sh - kill -9 the engine and its workers at a system call, let it go on,
# compare the books.
#
#     OUT=build/release tests/kill/kill.sh [N=200] [SEED=…] [ONLY=import|upload|files|grid|keyed|unkeyed]
#
# Four kinds of run in turn: an import from files, one from the grid simulator, an
# upload to a platform that knows its cases by their keys, and one to a platform that
# stores whatever comes (repeat="unsafe", so that the bridge has to wait and ask). A
# round kills one to three times, each at a system call drawn from all that an
# undisturbed run makes (kill/strike.c), while the other side misbehaves in two or
# three ways drawn by chance; then it runs to the end. Nothing may be lost or doubled,
# no receipt may be missing and nothing may stay in doubt: what is right is read from
# the source files and from the simulators' own ledgers.
# The last line is "N passed, N failed"; a failed round keeps its folder.
set -u
for setting; do export "${setting?}"; done
N=${N:-200}
SEED=${SEED:-$(date +%s)}
ONLY=${ONLY:-}
CASES=${CASES:-900}
EVENTS=${EVENTS:-120}
ACCOUNTS=${ACCOUNTS:-4}
WORLD=$((SEED % 9999999 + 1)) # of the simulators
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
OUT=$(cd "${OUT:-$ROOT/build/release}" && pwd)
WORK=$OUT/tests/kill${ONLY:+-$ONLY}
PATH=$OUT:$OUT/kill:$PATH
CASEBRIDGE_LANG=en
CASEBRIDGE_PLUGINS=$OUT/plugins
export PATH CASEBRIDGE_LANG CASEBRIDGE_PLUGINS
passed=0 failed=0 early=0 kills=0
ME=kill
. "$ROOT/tests/sim/world.sh"

echo "kill: N=$N SEED=$SEED"

# Numbers below a million, drawn beforehand: a seed gives the same rounds.
draws=$(awk -v seed="$SEED" -v n=$((N * 8 + 16)) 'BEGIN { srand(seed); for (i = 0; i < n; i++) printf "%d ", rand() * 1000000 }')
# shellcheck disable=SC2086
set -- $draws

# ------------------------------------------------------------ the world around

# The installation's connectors, in a hurry: no rate, short pauses and time limits, windows
# of a month; and small batches, so that there are many moments to die at. `unkeyed` is the
# province as it would be if it knew no key: its manifest says so, and how long a request
# may be on its way and unseen.
own_connectors() { # site
	mkdir -p "$1/mappings/connectors"
	for c in grid province; do
		sed 's/rate="[^"]*"/rate="100000\/s"/; s/first="500ms"/first="2ms"/; s/most="[0-9]*m"/most="20ms"/
			s/rest="[^"]*"/rest="20ms"/; s/timeout="[36]0s"/timeout="2s"/; s/step="1d"/step="30d"/; s/batch="50"/batch="5"/' \
			"$ROOT/mappings/connectors/$c.xml" >"$1/mappings/connectors/$c.xml"
	done
	sed 's/connector name="province"/connector name="unkeyed"/; s/repeat="by-key" delay="[^"]*"/repeat="unsafe" delay="150ms"/
		s/lag="5m"/lag="60ms"/' "$1/mappings/connectors/province.xml" >"$1/mappings/connectors/unkeyed.xml"
	grep -q 'repeat="unsafe" delay="150ms"' "$1/mappings/connectors/unkeyed.xml" &&
		grep -q 'lag="60ms"' "$1/mappings/connectors/unkeyed.xml" || die "the manifest has changed"
}

site_xml() { # site grid-port platform-port province|unkeyed
	{
		cat <<-XML
		<?xml version="1.0" encoding="UTF-8"?>
		<site name="kill" model="mediation" zone="+08:00">
		  <connection name="grid" connector="grid">
		    <set name="base" value="http://127.0.0.1:$2"/><set name="since" value="2023-03-01"/>
		    <account name="cixi"><set name="user" value="cx01"/><secret name="password" file="secrets/grid"/></account>
		  </connection>
		  <connection name="province" connector="$4">
		    <set name="base" value="http://127.0.0.1:$3"/>
		XML
		site_accounts "$WORK/studios.tsv"
		cat <<-XML
		  </connection>
		  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
		  <import name="grid-in" from="grid/events"/>
		  <import name="ledger-in" from="ledger/rows"/>
		  <export name="province-out" to="province/cases" when="status='closed' and ($ours)"/>
		</site>
		XML
	} >"$1/site.xml"
}

new_site() { # folder
	casebridge init "$1" >/dev/null || die init
	site_secrets "$1" "$WORK/studios.tsv"
	own_connectors "$1"
}

# Three ways to misbehave, out of those given, each a few times in a hundred.
misbehave() { # draw NAME… → $faults
	faults=
	of=$1
	shift
	for turn in 1 2 3; do
		eval "name=\${$((of % $# + 1))}"
		of=$((of / $#))
		[ $turn = 3 ] && [ $((of % 2)) = 0 ] && continue
		case $name in
		*=*) faults="$faults $name" ;;
		*@*) faults="$faults ${name%%@*}=0.0$((of % 4 + 2))@${name#*@}" ;;
		*) faults="$faults $name=0.0$((of % 4 + 2))" ;;
		esac
	done
}

# ------------------------------------------------------------ one round

run() { # site flow → $code
	timeout 120 casebridge run "$2" --site "$1" --json >>"$WORK/round/log" 2>&1
	code=$?
}

count_points() { # site flow → $code, $points: the system calls of an undisturbed run
	strike --count "$WORK/points" casebridge run "$2" --site "$1" --json >>"$WORK/round/log" 2>&1
	code=$?
	points=$(cat "$WORK/points")
}

kill_once() { # site flow point
	strike --at "$3" casebridge run "$2" --site "$1" --json >>"$WORK/round/log" 2>&1
	if [ $? = 137 ]; then kills=$((kills + 1)); else early=$((early + 1)); fi
	echo "killed at point $3" >>"$WORK/round/log"
}

# Kill up to three times, then to the end.
disturb() { # site flow points draw draw draw
	kill_once "$1" "$2" $(($3 * $4 / 1000000 + 1))
	[ $(($4 % 3)) -gt 0 ] && kill_once "$1" "$2" $(($3 * $5 / 1000000 + 1))
	[ $(($4 % 3)) -gt 1 ] && kill_once "$1" "$2" $(($3 * $6 / 1000000 + 1))
	run "$1" "$2"
}

fresh() { # kind → $SITE
	rm -rf "$WORK/round"
	mkdir -p "$WORK/round"
	SITE=$WORK/round/site
	cp -a "$WORK/$1-site" "$SITE"
	[ "$1" != files ] || ln "$WORK"/files-in/*.xml "$SITE/inbox/"
	claims=
}

check_store() { # site
	claim integrity ok "$(sql "$1/casebridge.db" 'PRAGMA integrity_check')"
	claim "parties, links without a case, cases without a link" "0 0 0" "$(sql "$1/casebridge.db" "
		SELECT (SELECT count(*) FROM case_party WHERE _record NOT IN (SELECT _id FROM case_record)) || ' ' ||
		(SELECT count(*) FROM link WHERE record NOT IN (SELECT _id FROM case_record)) || ' ' ||
		(SELECT count(*) FROM case_record WHERE _id NOT IN (SELECT record FROM link))")"
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
	count_points "$SITE" in
	[ $code = 0 ] || die "an undisturbed import from files ended with $code: $(tail -3 "$WORK/round/log")"
	files_points=$points
	check_files
	[ -z "$claims" ] || die "an undisturbed import is wrong: $claims"
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
	disturb "$SITE" in "$files_points" "$@"
	check_files
}

# ------------------------------------------------------------ grid

prepare_grid() {
	"$OUT/sim/generate" studios "$WORK/all-studios.tsv"
	head -n $((ACCOUNTS + 1)) "$WORK/all-studios.tsv" >"$WORK/studios.tsv"
	ours=$(tail -n +2 "$WORK/studios.tsv" | cut -f 1 | sed "s/.*/studio='&'/" | paste -s -d '|' | sed 's/|/ or /g')
	rm -f "$WORK"/grid.db*
	"$OUT/sim/generate" grid --events "$EVENTS" --seed "$WORLD" --until 2024-03-31 "$WORK/grid.db" >>"$WORK/generate.log"
	start grid "$WORK/grid.port" --ledger "$WORK/grid.db" --seed "$WORLD" --slow-ms 30
	grid_port=$port
	rm -rf "$WORK/grid-site"
	new_site "$WORK/grid-site"
	site_xml "$WORK/grid-site" "$grid_port" 9 province
	fresh grid
	count_points "$SITE" grid-in
	[ $code -le 1 ] || die "an undisturbed import from the grid ended with $code: $(tail -3 "$WORK/round/log")"
	grid_points=$points
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

GRID_FAULTS="503 drop refuse truncate html gbk wrong-code reset slow"

round_grid() {
	fresh grid
	# shellcheck disable=SC2086
	{
		knob "$grid_port" $(printf '%s=0 ' $GRID_FAULTS)
		misbehave "$4" $GRID_FAULTS
		[ $(($4 % 4)) = 0 ] || knob "$grid_port" $faults
	}
	disturb "$SITE" grid-in "$grid_points" "$@"
	check_grid
}

# ------------------------------------------------------------ upload

platform() { # keyed|unkeyed FAULT…: one with an empty ledger
	kind=$1
	shift
	options= connector=province
	[ "$kind" = keyed ] || options="--unique 0 --late-ms 100 --lag-ms 50" connector=unkeyed
	for fault; do options="$options --fault $fault"; done
	rm -f "$WORK"/platform.db*
	# shellcheck disable=SC2086
	start platform "$WORK/platform.port" --ledger "$WORK/platform.db" --accounts "$WORK/studios.tsv" --seed "$WORLD" \
		--slow-ms 30 --late-ms 100 $options
	platform_pid=$sim
	site_xml "$SITE" "$grid_port" "$port" $connector
}

# What the platform wants to know of a case comes from the grid and from the ledger.
prepare_upload() {
	rm -rf "$WORK/upload-site"
	cp -a "$WORK/round/site" "$WORK/upload-site"
	"$OUT/sim/generate" ledger --grid "$WORK/grid.db" --seed "$WORLD" "$WORK/upload-site/inbox/book.csv" >>"$WORK/generate.log"
	run "$WORK/upload-site" ledger-in
	[ $code -le 1 ] || die "the ledger's import ended with $code: $(tail -3 "$WORK/round/log")"
	fresh upload
	platform keyed
	count_points "$SITE" province-out
	[ $code -le 1 ] || die "an undisturbed upload ended with $code: $(tail -3 "$WORK/round/log")"
	upload_points=$points
	upload_held=$(sql "$SITE/casebridge.db" "SELECT count(*) FROM delivery WHERE state = 'held'")
	upload_due=$(sql "$SITE/casebridge.db" "SELECT count(*) FROM delivery")
	check_upload
	platform_books >"$WORK/upload.books"
	stop "$platform_pid"
	[ "$(sql "$WORK/platform.db" 'SELECT count(*) FROM case_file')" -ge 20 ] || die "hardly anything went up"
	[ -z "$claims" ] || die "an undisturbed upload is wrong: $claims"
}

platform_books() { sql "$WORK/platform.db" 'SELECT ajbh, account, body FROM case_file ORDER BY ajbh' | sha256sum; }

# What is in doubt waits for its time: again, until nothing is on its way.
settle() { # site flow
	turns=0
	while [ "$(sql "$1/casebridge.db" "SELECT count(*) FROM delivery WHERE state IN ('ready', 'sending', 'in-doubt')")" != 0 ]; do
		turns=$((turns + 1))
		[ $turns -lt 60 ] || break
		sleep 0.05
		run "$1" "$2"
	done
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
	claim "there twice" "" "$(sql "$WORK/platform.db" "SELECT ajbh FROM case_file
		GROUP BY ajbh HAVING count(*) > 1 LIMIT 5" | tr '\n' ' ')"
	claim "arrived twice" "" "$(sql "$WORK/platform.db" "SELECT ajbh FROM arrival WHERE verdict IN ('new', 'same')
		GROUP BY ajbh HAVING count(*) > 1 LIMIT 5" | tr '\n' ' ')"
	claim "sent as a change" 0 "$(sql "$WORK/platform.db" "SELECT count(*) FROM arrival WHERE verdict = 'update'")"
	claim "sent by another studio" 0 "$(sql "$WORK/platform.db" 'SELECT count(*) FROM arrival WHERE other_studio IS NOT NULL')"
}

# (A second 401 in a row would be a refused login, and a person's matter: expire comes once.)
UPLOAD_FAULTS="drop late 503 503-after 500-after truncate html@/rmtj/case/batch wrong-code refuse gbk expire=x1 reset wrong-key slow"

round_upload() { # keyed|unkeyed DRAW…
	sort=$1
	shift
	fresh upload
	# Handed on twice by a gateway: only who knows keys can help that.
	# shellcheck disable=SC2086
	if [ "$sort" = keyed ]; then misbehave "$4" $UPLOAD_FAULTS repeat; else misbehave "$4" $UPLOAD_FAULTS; fi
	[ $(($4 % 5)) != 0 ] || faults=
	# shellcheck disable=SC2086
	platform "$sort" $faults
	disturb "$SITE" province-out "$upload_points" "$@"
	settle "$SITE" province-out
	check_upload
	claim "cases at the platform, as without a kill" "$(cat "$WORK/upload.books")" "$(platform_books)"
	stop "$platform_pid"
}
round_keyed() { round_upload keyed "$@"; }
round_unkeyed() { round_upload unkeyed "$@"; }

# ------------------------------------------------------------ all of it

wants() {
	case ${ONLY:-$1} in
	"$1") ;;
	import) [ "$1" = files ] || [ "$1" = grid ] ;;
	upload) [ "$1" = keyed ] || [ "$1" = unkeyed ] ;;
	*) false ;;
	esac
}
rm -rf "$WORK"
mkdir -p "$WORK/round"
kinds=
if wants files; then prepare_files && kinds="$kinds files"; fi
if wants grid || wants keyed || wants unkeyed; then prepare_grid; fi
if wants grid; then kinds="$kinds grid"; fi
if wants keyed || wants unkeyed; then prepare_upload; fi
if wants keyed; then kinds="$kinds keyed"; fi
if wants unkeyed; then kinds="$kinds unkeyed"; fi
[ -n "$kinds" ] || die "ONLY=$ONLY: no such kind"
echo "kill: points: files ${files_points:-0}, grid ${grid_points:-0}, upload ${upload_points:-0}"
round=0
while [ $round -lt "$N" ]; do
	for kind in $kinds; do
		[ $round -lt "$N" ] || break
		faults=
		"round_$kind" "$1" "$2" "$3" "$4"
		shift 5
		if [ -z "$claims" ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			printf 'FAIL round %d, %s (faults:%s)\n%s' $round "$kind" "$faults" "$claims"
			rm -rf "$WORK/failed-$round"
			mv "$WORK/round" "$WORK/failed-$round"
			case $kind in *keyed) cp "$WORK"/platform.db* "$WORK/failed-$round/" ;; esac
		fi
		round=$((round + 1))
		[ $((round % 100)) != 0 ] || echo "kill: $round rounds, $kills kills, $failed failed"
	done
done
echo "kill: $kills kills in the middle, $early after the end"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
