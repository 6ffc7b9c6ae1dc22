load helper

prepare() {
	mkdir tree
	cp -r "$ROOT"/core "$ROOT"/plugins "$ROOT"/include "$ROOT"/tests tree
	FILE=tree/plugins/csv/read.c
}

# breach INCLUDE FILE - the layers' test says so.
breach() {
	sed -i "1i #include $1" "$2"
	run -1 tree/tests/layers.sh
	has "${2#tree/}:1:"
}

@test "our tree keeps its layers" {
	run -0 tree/tests/layers.sh
}

@test "a plugin that includes the core is found out" {
	breach '"base/json.h"' "$FILE"
}

@test "also by way of the folder above" {
	breach '"../../core/base/json.h"' "$FILE"
}

@test "also in angle brackets" {
	breach '<host/host.h>' "$FILE"
}

@test "a folder that looks above itself is found out" {
	breach '"flow/flow.h"' tree/core/base/json.c
}

@test "a folder that comes in by the window is found out" {
	breach '"flow/inside.h"' tree/core/cli/run.c
}
