# A plugin that misbehaves at record 4500 of 5000 takes two pages with it into the
# store; with MISBEHAVE=no it is a good one, and the file goes on where it stopped.
bad_plugin() {
	numbers 1 5000 'N%' >"$INBOX/a.bad-$1"
	export CASEBRIDGE_SILENCE_MS=1000
	LIMIT=20 run table-in
	[ "$code" != 124 ] || fail "the run hung with the plugin"
	[ "$code" != 137 ] || fail "the run died with the plugin"
	exits 65
	says "bad-$1"
	# What is written into the pipe is noticed when it is read: by then the plugin is elsewhere.
	[ "$1" = garbage ] || says 4500
	stored 4000
	counts read=4000 new=4000
	whole
	is "a file from the plugin" no "$([ -e /tmp/casebridge-bad-plugin ] && echo yes || echo no)"
	MISBEHAVE=no
	export MISBEHAVE
	run table-in
	exits 0
	counts read=1000 new=1000
	stored 5000
	is "processes left behind" "" "$(pgrep -f "$SITE" || true)"
}
