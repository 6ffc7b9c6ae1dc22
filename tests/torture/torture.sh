#!/bin/sh
# torture.sh - the long forms, one after another, and a table of what they found.
#
#     OUT=build/release tests/torture/torture.sh [SEED=…]
#
# An hour or two. Each can be run alone: `make kill day planted`, and the programs
# model and power in this folder (LONG=1).
for setting; do export "${setting?}"; done
OUT=${OUT:-build/release}
SEED=${SEED:-$(date +%s)}
export OUT SEED
log=$(mktemp -d)
bad=0
cd "$(dirname "$0")/../.." || exit 2
echo "torture: SEED=$SEED"

try() { # NAME FIGURE COMMAND…: the last line that fits FIGURE is what it found
	name=$1 figure=$2 began=$(date +%s)
	shift 2
	if "$@" >"$log/$name" 2>&1; then result=ok; else result=FAILED bad=1; fi
	printf '%-14s %-7s %5d s  %s\n' "$name" $result $(($(date +%s) - began)) "$(grep -E "$figure" "$log/$name" | head -1)"
	[ $result = ok ] || tail -30 "$log/$name"
}

try model 'states, 0 lost' "$OUT/tests/torture/model"
try power 'states, .* lost$' env LONG=1 "$OUT/tests/torture/power"
try clock 'missed|doubled|slots' env CLOCK_YEARS=10 "$OUT/tests/flow/clock"
try kill-import 'kills in the middle' tests/kill/kill.sh N="${N:-1400}" ONLY=import
try kill-upload 'kills in the middle' tests/kill/kill.sh N="${N:-1400}" ONLY=upload
try kill-search 'PASSED' env N="${N:-1400}" "$OUT/tests/reconcile/survive"
try day 'requests' tests/day/day.sh
try planted 'caught, ' tests/planted/planted.sh
rm -rf "$log"
exit $bad
