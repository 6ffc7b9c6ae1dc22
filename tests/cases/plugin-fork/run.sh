#!/bin/sh
# fork: a page of 4000 is stored, the fault is named, the next run goes on.
. "$(dirname "$0")/../common/steps.sh"

. "$CASE/../common/bad-plugin.sh"
bad_plugin fork
