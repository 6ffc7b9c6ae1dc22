#!/usr/bin/env bash
# run.sh UNIT... - every test there is: the unit programs given, the layers, the
# command line (tests/*/*.bats), the whole runs (tests/cases/*/run.sh). Shows in
# full what failed and nothing else; the last line is "N passed, N failed".
# Fails if any failed, or if nothing ran.
set -u
cd "$(dirname "$0")/.." || exit 2
OUT=$(realpath "${OUT:-build/release}")
CASEBRIDGE_PLUGINS=$OUT/plugins
CASEBRIDGE_MAPPINGS=$PWD/mappings
CB_SEED=${CB_SEED:-$(date +%s)}
SEED=$CB_SEED
export OUT CASEBRIDGE_PLUGINS CASEBRIDGE_MAPPINGS CB_SEED SEED
unset CASEBRIDGE_SITE CASEBRIDGE_LANG
JOBS=${JOBS:-2}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
count=0

# run_one NUMBER NAME COMMAND... - count what it says in TAP; without any, its exit code is the test.
run_one() {
	local number=$1 name=$2 log=$results/$1.log code passed failed
	shift 2
	"$@" >"$log" 2>&1 </dev/null
	code=$?
	passed=$(grep -c '^ok ' "$log")
	failed=$(grep -c '^not ok ' "$log")
	if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
		failed=1 # it ended before it could say so
	elif [ "$code" -eq 0 ] && [ $((passed + failed)) -eq 0 ]; then
		passed=1
	fi
	echo "$passed $failed" >"$results/$number.count"
	if [ "$failed" -gt 0 ]; then
		printf '== %s (exit %s)\n' "$name" "$code" >"$results/$number.shown"
		grep -v '^ok ' "$log" >>"$results/$number.shown"
	fi
}

# Two at a time; the output stays in order.
start() {
	count=$((count + 1))
	while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
	run_one "$count" "$@" &
}

for unit; do
	CMOCKA_MESSAGE_OUTPUT=TAP start "$unit" timeout 600 "$unit"
done
start tests/layers.sh tests/layers.sh
for file in tests/*/*.bats; do
	[ -e "$file" ] && start "$file" timeout 900 bats --tap "$file"
done
for file in tests/cases/*/run.sh; do
	[ -e "$file" ] && start "$file" timeout 900 "$file"
done
wait

passed=0 failed=0
for ((i = 1; i <= count; i++)); do
	[ -e "$results/$i.shown" ] && cat "$results/$i.shown"
	read -r p f <"$results/$i.count" || { p=0 f=1; }
	passed=$((passed + p)) failed=$((failed + f))
done
[ "$failed" -gt 0 ] && echo "seed: CB_SEED=$CB_SEED"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
