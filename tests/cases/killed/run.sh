#!/bin/sh
# The short form of the kill test: nothing lost, nothing doubled. `make kill` does more.
N=${N:-9} CASES=6000 EVENTS=300 exec "$(dirname "$0")/../../kill/kill.sh"
