#!/bin/sh
# The planted faults still apply. `make planted` builds each and sees it caught.
exec "$(dirname "$0")/../../planted/planted.sh" --check
