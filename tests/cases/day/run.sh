#!/bin/sh
# The short form of the day over a bad line. `make day` is the whole one.
EVENTS=300 ACCOUNTS=24 SLACK=8 exec "$(dirname "$0")/../../day/day.sh"
