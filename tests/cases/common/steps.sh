# steps.sh - the words that a whole run is written in. Each folder's run.sh begins
# with it; a claim that does not hold ends the run with what was wanted, what came,
# and the output. A folder has what differs from common/ (site.xml, mappings/), and
# its input (inbox/, or made on the way).
#
#     OUT=build/release tests/cases/NAME/run.sh
#
#     run FLOW [OPTION…]    carry it out; its output is kept, its exit code is $code
#     exits N               the code of the last run
#     says TEXT             TEXT stands in the output of the last run
#     silent_on TEXT        TEXT stands nowhere in the output of any run
#     counts NAME=N…        of the last run's report
#     stored N              cases in the store
#     sql QUERY             what the store answers
#     is WHAT WANTED GOT    any other claim
#     cases_xml FROM TO     cases as XML elements; cases_ndjson, cases_csv the same
# shellcheck shell=sh
set -u
CASE=$(cd "$(dirname "$0")" && pwd)
OUT=$(cd "${OUT:-$CASE/../../../build/release}" && pwd)
WORK=$OUT/tests/cases/$(basename "$CASE")
SITE=$WORK/site
STORE=$SITE/casebridge.db
INBOX=$SITE/inbox
CASEBRIDGE_LANG=en
CASEBRIDGE_MAPPINGS=$CASE/../common/mappings
CASEBRIDGE_PLUGINS=$WORK/plugins
export CASEBRIDGE_LANG CASEBRIDGE_MAPPINGS CASEBRIDGE_PLUGINS
unset CASEBRIDGE_SITE
PATH=$OUT:$PATH
export PATH

# ALL=1: go on behind a claim that does not hold, and show them all.
fail() {
	echo "$*"
	[ -n "${ALL:-}" ] && return
	[ -s "$WORK/err" ] && echo "  stderr: $(head -c 600 "$WORK/err")"
	[ -s "$WORK/out" ] && echo "  stdout: $(head -c 600 "$WORK/out")"
	exit 1
}
is() { [ "$2" = "$3" ] || fail "$1: wanted $2, got $3"; }

run() {
	flow=$1
	shift
	timeout "${LIMIT:-60}" casebridge run "$flow" --site "$SITE" --json "$@" >"$WORK/out" 2>"$WORK/err"
	code=$?
	cat "$WORK/out" "$WORK/err" >>"$WORK/all"
}
exits() { [ "$code" = "$1" ] || fail "exit code: wanted $1, got $code"; }
says() { cat "$WORK/out" "$WORK/err" | grep -qF -- "$1" || fail "nothing says '$1'"; }
silent_on() { ! grep -qF -- "$1" "$WORK/all" || fail "a personal value was shown: $1"; }
report() { sqlite3 :memory: "SELECT json_extract(trim(CAST(readfile('$WORK/out') AS TEXT), char(10)), '\$.$1')"; }
counts() {
	for claim; do
		is "${claim%%=*}" "${claim#*=}" "$(report "${claim%%=*}")"
	done
	is adds-up 1 "$(report '"adds-up"')"
}
sql() { sqlite3 -readonly -cmd '.timeout 5000' "$STORE" "$1"; }
stored() { is "cases in the store" "$1" "$(sql 'SELECT count(*) FROM case_record')"; }
whole() { is "the store's integrity" ok "$(sql 'PRAGMA integrity_check')"; }

numbers() { awk -v from="$1" -v to="$2" -v shape="$3" 'BEGIN { for (i = from; i <= to; i++) {
	line = shape; gsub(/%/, i, line); print line } }'; }
cases_xml() { numbers "$1" "$2" '<case><number>N%</number><title>title %</title><accepted>2024-03-18</accepted><amount>12.50</amount><party><name>Zhang %</name></party></case>'; }
cases_ndjson() { numbers "$1" "$2" '{"number":"N%","title":"title %","accepted":"2024-03-18","amount":12.50,"party":[{"name":"Zhang %"}]}'; }
HEADING=number,title,accepted,amount,party1_name,party1_id,party2_name,party2_id
cases_csv() { numbers "$1" "$2" 'N%,title %,2024-03-18,12.50,Zhang %,,,'; }

rm -rf "$WORK"
mkdir -p "$WORK/plugins"
for so in "$OUT"/plugins/*.so "$OUT"/tests/plugins/*.so; do
	[ -f "$so" ] && ln -s "$so" "$WORK/plugins/"
done
CASEBRIDGE_MAPPINGS=$CASE/../../../mappings casebridge init "$SITE" >"$WORK/out" 2>"$WORK/err" || fail "init: $?"
cp "$CASE/../common/site.xml" "$SITE/site.xml"
for part in site.xml mappings inbox; do
	[ -e "$CASE/$part" ] && cp -R "$CASE/$part" "$SITE/"
done
