# Plugins of other times: an older and a newer header load, another interface is refused by name.

setup() {
	FOLDER=$BATS_TEST_TMPDIR/plugins
	mkdir -p "$FOLDER"
	export CASEBRIDGE_PLUGINS=$FOLDER CASEBRIDGE_LANG=en
	bats_require_minimum_version 1.5.0
}

@test "a plugin of an older header loads, and what it lacks is not there" {
	cp "$OUT/tests/plugins/old-small.so" "$FOLDER/"
	run -0 "$OUT/casebridge" plugins
	[[ $output == *old-small* ]]
}

@test "a plugin of a newer header loads, and what we do not know is not looked at" {
	cp "$OUT/tests/plugins/new-large.so" "$FOLDER/"
	run -0 "$OUT/casebridge" plugins
	[[ $output == *new-large* ]]
}

@test "a plugin of another interface is refused with both numbers and the cure" {
	cp "$OUT/tests/plugins/next-abi.so" "$OUT/plugins/csv.so" "$FOLDER/"
	run -0 "$OUT/casebridge" plugins
	[[ $output == *"next-abi.so was built for interface 3, this program has 2: build it again"* ]]
	[[ $output == *csv* ]]
}

@test "a shared object that is no plugin is named and left out" {
	cp "$OUT/tests/plugins/no-plugin.so" "$OUT/plugins/csv.so" "$FOLDER/"
	run -0 "$OUT/casebridge" plugins
	[[ $output == *"no-plugin.so is no plugin of casebridge"* ]]
	[[ $output == *csv* ]]
}
