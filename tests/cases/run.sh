#!/bin/sh
# run.sh - whole runs: a folder each, with what differs from common/ (site.xml,
# mappings/), the input (inbox/, or made by the steps) and the steps with what
# should come out of them.
#
#     OUT=build/release tests/cases/run.sh [NAME…]     all of them, without names
#
# Each ends as "ok NAME" or "FAIL NAME: …"; the last line is "N passed, N failed".
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=$(cd "${OUT:-build/release}" && pwd)
WORK=$OUT/tests/cases
mkdir -p "$WORK"
cd "$HERE" || exit 2
[ $# -gt 0 ] || set -- $(for s in */steps; do dirname "$s"; done)
passed=0 failed=0
for name; do
	if said=$(OUT="$OUT" WORK="$WORK/$name" sh "$HERE/one.sh" "$HERE/$name" 2>&1); then
		echo "ok $name"
		passed=$((passed + 1))
	else
		printf 'FAIL %s: %s\n' "$name" "$said"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
