#!/bin/sh
# garbage: what a plugin writes into the pipe is noticed when it is read, by then it is
# elsewhere; so no record is set aside: the run ends, and the next one goes on there.
. "$(dirname "$0")/../common/steps.sh"

numbers 1 5000 'N%' >"$INBOX/a.bad-garbage"
run table-in
exits 65
says bad-garbage
stored 4000
counts read=4000 new=4000
whole
MISBEHAVE=no
export MISBEHAVE
run table-in
exits 0
counts read=1000 new=1000
stored 5000
is "processes left behind" "" "$(pgrep -f "$SITE" || true)"
