#!/usr/bin/env bats
# second_opinion: what a set of records has to be, whatever its faults.

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

made() { "$OUT/sim/second_opinion" "$@"; }

@test "the same seed gives the same bytes, another seed others" {
	for kind in people parties; do
		made $kind --seed 5 --rows 2000 a
		cp a.csv first.csv
		cp a.truth.csv first.truth.csv
		made $kind --seed 5 --rows 2000 a
		cmp a.csv first.csv
		cmp a.truth.csv first.truth.csv
		made $kind --seed 6 --rows 2000 a
		run cmp -s a.csv first.csv
		[ "$status" -eq 1 ]
	done
}

@test "the columns are those of the other generator" {
	"$OUT/sim/duplicates" people --rows 10 other.csv truth.csv
	made people --rows 10 a
	[ "$(head -1 a.csv)" = "$(head -1 other.csv)" ]
	"$OUT/sim/duplicates" disputes --rows 10 other.csv truth.csv cases.csv
	made parties --rows 10 a
	[ "$(head -1 a.csv)" = "$(head -1 other.csv)" ]
}

@test "every row has its entity, and the source is called as the file" {
	made parties --rows 3000 parties
	[ "$(wc -l <parties.csv)" -eq 3001 ]
	cut -d, -f1 parties.csv | tail -n +2 | sort >ids
	awk -F, 'NR > 1 { if ($1 != "parties" || $3 !~ /^[0-9]+$/) exit 1; print $2 }' parties.truth.csv |
		sort | cmp - ids
}

@test "nine whole ids in ten have their check digit, and none is of a real county" {
	made parties --rows 20000 a
	grep -oE ',[0-9]{17}[0-9X],' a.csv | tr -d , >ids
	[ "$(grep -c "^330299" ids)" -eq "$(wc -l <ids)" ]
	right=$(awk '{ split("7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2", w, " "); s = 0
		for (i = 1; i <= 17; i++) s += w[i] * substr($0, i, 1)
		n += substr("10X98765432", s % 11 + 1, 1) == substr($0, 18, 1) }
		END { print int(n * 100 / NR) }' ids)
	[ "$right" -ge 90 ] && [ "$right" -lt 100 ]
}

@test "what it does not know it refuses" {
	run made people --rows 0 a
	[ "$status" -eq 1 ]
	run made nobody a
	[ "$status" -eq 2 ]
	run made parties --rows 140001 a
	[ "$status" -eq 1 ]
}
