#!/usr/bin/env bash
# planted.sh - each promise broken once, and the test that must notice.
#
#     OUT=build/release tests/planted/planted.sh [--check] [NAME...]
#
# A NAME.patch breaks a line or two of the product and says which test turns red:
#
#     unit tests/store/record THE_TEST     bats tests/cli/lock.bats THE TEST
#     case tests/cases/twice               kill ONLY=keyed N=12 SEED=1
#
# Each is applied to a copy of the tree, what it touches is built, that test is run, and
# it must fail. --check: only that they all apply. The last line is "N caught, N missed".
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
OUT=${OUT:-build/release}
OUT=${OUT#"$ROOT"/}
TREE=$ROOT/$OUT/planted
caught=0 missed=0
is_check=
[ "${1:-}" = --check ] && { is_check=yes; shift; }
if [ $# = 0 ]; then
	for patch in "$HERE"/*.patch; do set -- "$@" "$(basename "$patch" .patch)"; done
fi

miss() { # NAME WHY
	missed=$((missed + 1))
	printf 'MISSED %-28s %s\n' "$1" "$2"
}

says() { sed -n "s/^$2: //p" "$HERE/$1.patch"; } # NAME what|test

# The copy keeps the times of files, so that make builds no more than a patch touches.
copy_tree() {
	rm -rf "$TREE"
	mkdir -p "$TREE"
	(cd "$ROOT" && tar c --exclude='./build/*/planted*' --exclude='./build/*/tests/kill*' --exclude='./build/*/tests/day' \
		--exclude=./build/asan --exclude=./build/tsan --exclude=./build/debug --exclude=./build/fuzz --exclude=./.git .) | tar x -C "$TREE"
}

# Red as it should be? What the test said is in $log.
is_red() { # KIND WHAT TEST...
	kind=$1 what=$2
	shift 2
	case $kind in
	unit)
		make -s "$OUT/$what" >"$log" 2>&1 || return 2
		CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "$OUT/$what" >"$log" 2>&1
		grep -q "^not ok [0-9]* - $*" "$log"
		;;
	bats)
		make -s all sims cases >"$log" 2>&1 || return 2
		timeout 600 bats --tap --filter "$*" "$what" >"$log" 2>&1
		grep -q '^not ok' "$log"
		;;
	case)
		make -s all sims cases >"$log" 2>&1 || return 2
		! timeout 600 "$what/run.sh" >"$log" 2>&1
		;;
	kill)
		make -s all sims >"$log" 2>&1 || return 2
		timeout 1200 tests/kill/kill.sh "$what" "$@" >"$log" 2>&1
		grep -q '^FAIL round' "$log"
		;;
	esac
}

plant() { # NAME
	log=$TREE/$1.log
	read -r -a test <<<"$(says "$1" test)"
	patch -s -p1 <"$HERE/$1.patch" >"$log" 2>&1 || { miss "$1" "the patch does not apply"; return; }
	is_red "${test[@]}"
	case $? in
	0)
		caught=$((caught + 1))
		printf 'caught %-28s %s\n' "$1" "${test[*]}"
		;;
	2) miss "$1" "it does not build: $(grep -m 1 error "$log")" ;;
	*) miss "$1" "${test[*]} is green" ;;
	esac
	patch -s -R -p1 <"$HERE/$1.patch"
}

if [ -n "$is_check" ]; then
	for name; do
		[ -n "$(says "$name" what)" ] && [ -n "$(says "$name" test)" ] &&
			patch -s -p1 --dry-run -d "$ROOT" <"$HERE/$name.patch" >/dev/null || { miss "$name" "does not apply, or does not say what or which test"; continue; }
		caught=$((caught + 1))
	done
	echo "$caught apply, $missed do not"
	[ "$missed" = 0 ] && [ "$caught" -ge 15 ]
	exit
fi

copy_tree
cd "$TREE" || exit 2
CASEBRIDGE_PLUGINS=$TREE/$OUT/plugins CASEBRIDGE_MAPPINGS=$TREE/mappings CB_SEED=${CB_SEED:-1} SEED=${SEED:-1}
export CASEBRIDGE_PLUGINS CASEBRIDGE_MAPPINGS CB_SEED SEED
unset CASEBRIDGE_SITE CASEBRIDGE_LANG MAKEFLAGS MAKELEVEL
OUT_WAS=$OUT
for name; do
	OUT=$OUT_WAS
	OUT=$OUT plant "$name"
done
echo "$caught caught, $missed missed"
[ "$missed" = 0 ] && [ "$caught" -gt 0 ]
