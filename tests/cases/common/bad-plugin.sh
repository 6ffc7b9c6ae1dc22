# A plugin that misbehaves at record 4500 of 5000: what is before stays, the rest of
# that file is set aside, and the next file is read all the same. With MISBEHAVE=no it
# is a good one, and what was set aside comes in.
bad_plugin() {
	numbers 1 5000 'N%' >"$INBOX/a.bad-$1"
	numbers 6001 6010 'N%' >"$INBOX/b.bad-$1"
	export CASEBRIDGE_SILENCE_MS=1000
	LIMIT=30 run table-in
	[ "$code" != 124 ] || fail "the run hung with the plugin"
	[ "$code" != 137 ] || fail "the run died with the plugin"
	exits 1
	says "bad-$1"
	says 4500
	stored 4509
	counts read=4510 new=4509 held=1
	whole
	is "the cause" unread "$(sql 'SELECT code FROM held')"
	is "a file from the plugin" no "$([ -e /tmp/casebridge-bad-plugin ] && echo yes || echo no)"
	run table-in
	exits 0
	counts read=0
	MISBEHAVE=no
	export MISBEHAVE
	casebridge held retry table-in --code unread --site "$SITE" --json >"$WORK/out" 2>"$WORK/err"
	code=$?
	exits 0
	counts read=501 new=501
	is "held" 0 "$(sql 'SELECT count(*) FROM held')"
	stored 5010
	is "processes left behind" "" "$(pgrep -f "$SITE" || true)"
}
