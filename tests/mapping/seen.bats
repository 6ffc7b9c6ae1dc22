#!/usr/bin/env bats
# seen.bats - every shape and fault of seen.tsv has a test that is there and runs.
load ../cli/helper

# is_run FILE NAME: the test of that name stands in the file, and the file is one that is run.
is_run() {
	local path=$ROOT/tests/$1
	[ "${1%%/*}" = mappings ] && path=$ROOT/$1
	case $1 in
	mapping/shapes/*.xml | mappings/*.xml) # content.bats runs them all
		grep -qF "<test name=\"$2\" " "$path"
		;;
	*/*.bats)
		grep -qF "@test \"$2\" {" "$path" && ! grep -qw skip "$path"
		;;
	cases/*/run.sh)
		[ -x "$path" ] && grep -qF "# $2" "$path"
		;;
	*.c) # make finds it by itself
		grep -qE "\w*test\w*\($2[,)]" "$path" && [ -x "$OUT/tests/${1%.c}" ]
		;;
	*) false ;;
	esac
}

seen() { grep -v '^#' "$ROOT/tests/mapping/seen.tsv"; }

@test "every shape and every fault that was seen has a test by name" {
	local lost=0
	while IFS=$'\t' read -r kind what file name; do
		[ -n "$name" ] && is_run "$file" "$name" && continue
		echo "$kind '$what': $file has no test '$name' that runs"
		lost=$((lost + 1))
	done < <(seen)
	[ "$lost" = 0 ]
}

@test "every sample in their files is carried out" {
	while read -r file; do
		[ "${file%%/*}" = mappings ] || file=tests/$file
		run -0 casebridge map test "$ROOT/$file"
		[ "${lines[-1]}" = "$(grep -c '<test name=' "$ROOT/$file") passed, 0 failed" ] || {
			echo "$file: ${lines[-1]}"
			return 1
		}
	done < <(seen | cut -f3 | grep 'xml$' | sort -u)
}

@test "the list is whole: 27 shapes and 16 faults, none twice" {
	[ "$(seen | cut -f1,2 | sort -u | grep -c '^shape')" -ge 27 ]
	[ "$(seen | cut -f1,2 | sort -u | grep -c '^fault')" -ge 16 ]
	[ -z "$(seen | sort | uniq -d)" ]
}
