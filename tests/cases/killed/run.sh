#!/bin/sh
# The short form of the kill test: nothing lost, nothing doubled. `make kill` does more.
N=${N:-20} CASES=600 EVENTS=80 exec "$(dirname "$0")/../../kill/kill.sh"
