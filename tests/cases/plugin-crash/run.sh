#!/bin/sh
# crash: two pages of 2000 are stored, the fault is named, the next run goes on.
. "$(dirname "$0")/../common/steps.sh"

. "$CASE/../common/bad-plugin.sh"
bad_plugin crash
