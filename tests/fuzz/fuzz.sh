#!/usr/bin/env bash
# fuzz.sh [NAME...] - fuzz each target for $FUZZ_SECONDS (60) from its corpus, or
# until it has run $FUZZ_RUNS times, however long that takes.
# What is new stays in build/fuzz/corpus; what breaks is in build/fuzz/found, to
# be fixed and moved to tests/fuzz/corpus/NAME. Fails if anything was found.
set -u
cd "$(dirname "$0")/../.." || exit 2
OUT=$(realpath "${OUT:-build/fuzz}")
export CASEBRIDGE_PLUGINS=$OUT/plugins CASEBRIDGE_MAPPINGS=$PWD/mappings
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
[ $# -gt 0 ] || set -- $(ls tests/fuzz/corpus)
limit=(-max_total_time="${FUZZ_SECONDS:-60}")
[ -z "${FUZZ_RUNS:-}" ] || limit=(-runs="$FUZZ_RUNS")
found=0
for name; do
	mkdir -p "$OUT/corpus/$name" "$OUT/found"
	words=()
	[ -e "tests/fuzz/words/$name" ] && words=(-dict="tests/fuzz/words/$name")
	FUZZ=$name "$OUT/fuzz" "${words[@]}" "${limit[@]}" -max_len=8192 -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$OUT/found/$name-" \
		"$OUT/corpus/$name" "tests/fuzz/corpus/$name" >"$OUT/$name.log" 2>&1
	code=$?
	printf '%-10s %10s runs  %s\n' "$name" \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$OUT/$name.log")" \
		"$([ $code -eq 0 ] && echo ok || echo "broken: see $OUT/$name.log")"
	[ $code -eq 0 ] || found=1
done
exit $found
