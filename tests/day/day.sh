#!/bin/sh
# day.sh - a whole day over a bad line: cases in from the grid and from a ledger, and up to
# the platform under as many accounts as there are studios.
#
#     OUT=build/release tests/day/day.sh [EVENTS=24500] [ACCOUNTS=200] [SEED=…]
#
# Both simulators stand behind sim/proxy.c: every connection is slow, one in ten comes in
# slices of a few bytes, one in thirty fails in one of seven ways; to the platform it
# is TLS, cut in the middle as well. Afterwards, by the simulators' own books: everything
# that is due is final, each case is at the platform once under its own account, no
# account is locked, and no more than a tenth of the requests went in vain.
set -u
for setting; do export "${setting?}"; done
EVENTS=${EVENTS:-24500}
ACCOUNTS=${ACCOUNTS:-200}
SEED=${SEED:-$(date +%s)}
LIMIT=${LIMIT:-300} # s
SLACK=${SLACK:-0} # requests: a tenth of few is soon used up
SEED=$((SEED % 9999999 + 1))
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
OUT=$(cd "${OUT:-$ROOT/build/release}" && pwd)
WORK=$OUT/tests/day
SITE=$WORK/site
PATH=$OUT:$PATH
CASEBRIDGE_LANG=en
CASEBRIDGE_PLUGINS=$OUT/plugins
export PATH CASEBRIDGE_LANG CASEBRIDGE_PLUGINS
ME=day
. "$ROOT/tests/sim/world.sh"
echo "day: EVENTS=$EVENTS ACCOUNTS=$ACCOUNTS SEED=$SEED"
rm -rf "$WORK"
mkdir -p "$WORK"

FAULTS="--fault refuse=0.005 --fault shake=0.005 --fault reset=0.005 --fault hole=0.002 --fault swallow=0.003
	--fault cut=0.005 --fault half=0.005 --fault slice=0.1 --latency 1-8"

# ------------------------------------------------------------ both sides

"$OUT/sim/generate" studios --studios "$ACCOUNTS" "$WORK/studios.tsv"
"$OUT/sim/generate" grid --studios "$ACCOUNTS" --events "$EVENTS" --seed "$SEED" --until 2024-03-31 "$WORK/grid.db" >"$WORK/generate.log"
"$OUT/sim/generate" ledger --studios "$ACCOUNTS" --grid "$WORK/grid.db" --seed "$SEED" "$WORK/book.csv" >>"$WORK/generate.log"
start grid "$WORK/grid.port" --ledger "$WORK/grid.db" --seed "$SEED"
# shellcheck disable=SC2086
start proxy "$WORK/grid-proxy.port" --to "$port" --seed "$SEED" --log "$WORK/grid-line.tsv" $FAULTS
grid_port=$port
start platform "$WORK/platform.port" --ledger "$WORK/platform.db" --accounts "$WORK/studios.tsv" --seed "$SEED"
# shellcheck disable=SC2086
start proxy "$WORK/platform-proxy.port" --to "$port" --seed "$SEED" --log "$WORK/line.tsv" --tls "$WORK/ca.pem" $FAULTS
platform_port=$port

casebridge init "$SITE" >/dev/null || die init
site_secrets "$SITE" "$WORK/studios.tsv"
cp -R "$ROOT/mappings/." "$SITE/mappings/"
# The installation knows 22; the rest are branches of them.
tail -n +24 "$WORK/studios.tsv" | awk -F "\t" '{ print $1 "," $1 "," $2 }' >>"$SITE/mappings/codes/studio-codes.csv"
tail -n +24 "$WORK/studios.tsv" | awk -F "\t" '{ print $1 "," $2 "," $2 }' >>"$SITE/mappings/codes/studio-names.csv"
# A day in minutes: the same batches and rules, no rate, and time limits of a second or two.
for c in grid province; do
	sed -i 's/rate="[^"]*"/rate="100000\/s"/; s/first="500ms"/first="20ms"/; s/most="[0-9]*m"/most="500ms"/
		s/timeout="[36]0s"/timeout="2s"/; s/step="1d"/step="30d"/' "$SITE/mappings/connectors/$c.xml"
done
{
	cat <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<site name="day" model="mediation" zone="+08:00">
	  <connection name="grid" connector="grid">
	    <set name="base" value="http://127.0.0.1:$grid_port"/><set name="since" value="2024-02-25"/>
	    <account name="cixi"><set name="user" value="cx01"/><secret name="password" file="secrets/grid"/></account>
	  </connection>
	  <connection name="province" connector="province" ca-file="$WORK/ca.pem">
	    <set name="base" value="https://127.0.0.1:$platform_port"/>
	XML
	site_accounts "$WORK/studios.tsv"
	cat <<-XML
	  </connection>
	  <connection name="ledger" connector="ledger"><set name="folder" value="inbox"/></connection>
	  <import name="grid-in" from="grid/events"/>
	  <import name="ledger-in" from="ledger/rows"/>
	  <export name="province-out" to="province/cases" when="status='closed'"/>
	</site>
	XML
} >"$SITE/site.xml"
cp "$WORK/book.csv" "$SITE/inbox/"

# ------------------------------------------------------------ the day

began=$(date +%s)
for flow in grid-in ledger-in province-out province-out; do
	casebridge run "$flow" --site "$SITE"
	code=$?
	[ $code -le 1 ] || [ $code = 69 ] || [ $code = 75 ] || die "$flow ended with $code"
done
# Those that had enough tries for one run.
turns=0
on_their_way() { sql "$SITE/casebridge.db" "SELECT count(*) FROM delivery WHERE state NOT IN ('accepted', 'rejected', 'held')"; }
while [ "$(on_their_way)" != 0 ] && [ $turns -lt 20 ]; do
	turns=$((turns + 1))
	casebridge run province-out --site "$SITE"
done
took=$(($(date +%s) - began))

# ------------------------------------------------------------ the books

books="ATTACH '$WORK/platform.db' AS p;"
store=$SITE/casebridge.db
due=$(sql "$store" "SELECT count(*) FROM delivery")
accepted=$(sql "$store" "SELECT count(*) FROM delivery WHERE state = 'accepted'")
# What it takes at least: a login an account, and its batches. (Asking for receipts is apart.)
needed=$(sql "$store" "SELECT sum(1 + (n + 49) / 50) FROM (SELECT count(*) AS n FROM delivery WHERE state = 'accepted' GROUP BY account)")
requests=$(grep -vc "GET /rmtj/case/results" "$WORK/line.tsv")
claim "events that are missing" "" "$(sql "$WORK/grid.db" "ATTACH '$store' AS s;
	SELECT id FROM event WHERE id NOT IN (SELECT event_id FROM planted) AND body NOT LIKE '%<AJXL>09%'
	AND id NOT IN (SELECT source_id FROM s.case_record) LIMIT 5" | tr '\n' ' ')"
claim "on their way" 0 "$(on_their_way)"
claim "rejected" 0 "$(sql "$store" "SELECT count(*) FROM delivery WHERE state = 'rejected'")"
claim "lost: accepted, but not there" 0 "$(sql "$store" "$books SELECT count(*) FROM delivery
	WHERE state = 'accepted' AND (key, receipt) NOT IN (SELECT ajbh, serial FROM p.case_file)")"
claim "there, but not accepted" 0 "$(sql "$store" "$books SELECT count(*) FROM p.case_file
	WHERE ajbh NOT IN (SELECT key FROM delivery WHERE state = 'accepted')")"
claim "doubled" 0 "$(sql "$WORK/platform.db" "SELECT count(*) FROM (SELECT 1 FROM arrival
	WHERE verdict IN ('new', 'same', 'update') GROUP BY ajbh HAVING count(*) > 1)")"
claim "sent by another studio" 0 "$(sql "$WORK/platform.db" 'SELECT count(*) FROM arrival WHERE other_studio IS NOT NULL')"
claim "accounts locked" 0 "$(sql "$store" 'SELECT count(*) FROM account_lock')"
claim "accounts that sent" "$ACCOUNTS" "$(sql "$WORK/platform.db" 'SELECT count(DISTINCT account) FROM case_file')"
claim "requests in vain, more than a tenth" no "$(awk -v r="$requests" -v n="$needed" -v s="$SLACK" 'BEGIN { print (r > 1.1 * n + s ? "yes" : "no") }')"
claim "took more than $LIMIT s" no "$([ "$took" -le "$LIMIT" ] && echo no || echo yes)"
cat <<TABLE
day: due $due, accepted $accepted, held $(sql "$store" "SELECT count(*) FROM delivery WHERE state = 'held'"), accounts $ACCOUNTS, $took s
day: requests $requests, needed $needed; what befell them: $(cut -f 2 "$WORK/line.tsv" | sort | uniq -c | awk '{ printf "%s %d, ", $2, $1 }' | sed 's/, $//')
day: and the grid's: $(cut -f 2 "$WORK/grid-line.tsv" | sort | uniq -c | awk '{ printf "%s %d, ", $2, $1 }' | sed 's/, $//')
TABLE
if [ -n "$claims" ]; then
	printf 'FAIL\n%s' "$claims"
	exit 1
fi
echo "day: 0 lost, 0 doubled"
