#!/bin/sh
# socket: what is before stays, the rest of the file is set aside, the next file is read.
. "$(dirname "$0")/../common/steps.sh"

. "$CASE/../common/bad-plugin.sh"
bad_plugin socket
