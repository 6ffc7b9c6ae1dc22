#!/bin/sh
# Nobody answers there: a few tries, then 69, with the connection by name.
. "$(dirname "$0")/../common/steps.sh"

LIMIT=20 run in
exits 69
says api
counts read=0
stored 0
whole
