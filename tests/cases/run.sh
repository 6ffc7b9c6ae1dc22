#!/bin/sh
# run.sh - whole runs: tests/cases/run.sh [NAME…], all of them without names. Each is
# a folder with a run.sh in the words of common/steps.sh. OUT as make has it.
OUT=$(cd "${OUT:-build/release}" && pwd) || exit 2
export OUT
cd "$(dirname "$0")" || exit 2
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(for run in */run.sh; do dirname "$run"; done)
passed=0 failed=0
for name; do
	if said=$("./$name/run.sh" 2>&1); then
		echo "ok $name"
		passed=$((passed + 1))
	else
		printf 'FAIL %s: %s\n' "$name" "$said"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
