# world.sh - what scripts that play with the simulators share. Sourced; wants $WORK and
# $OUT, and says who speaks in $ME.
sims=
trap 'for p in $sims; do kill "$p" 2>/dev/null; done' EXIT
trap 'exit 130' INT TERM

die() { echo "$ME: $*" >&2; exit 2; }
sql() { sqlite3 -cmd '.timeout 5000' "$1" "$2"; }

claims=
claim() { # what wanted got
	[ "$2" = "$3" ] || claims="$claims  $1: wanted $2, got $3
"
}

start() { # program port-file ARGUMENT… → $port, $sim
	program=$1 file=$2
	shift 2
	rm -f "$file"
	"$OUT/sim/$program" --port 0 --port-file "$file" "$@" >>"$WORK/$program.log" 2>&1 &
	sim=$!
	sims="$sims $sim"
	tries=0
	until [ -s "$file" ]; do
		tries=$((tries + 1))
		[ $tries -lt 500 ] || die "$program did not start"
		sleep 0.01
	done
	port=$(cat "$file")
}
stop() { # pid
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	sims=$(echo "$sims" | sed "s/ $1\$//; s/ $1 / /")
}

knob() { # port NAME=RATE…
	knob_port=$1
	shift
	[ $# = 0 ] || curl -s -f -o /dev/null -X POST "http://127.0.0.1:$knob_port/-/fault?$(echo "$@" | tr ' ' '&')" ||
		die "no fault $*"
}

# <account …/> for each studio of a table that `generate studios` made.
site_accounts() { # studios.tsv
	tail -n +2 "$1" | while IFS='	' read -r code _ _ _ app _; do
		printf '    <account name="%s" for="studio='"'%s'"'"><set name="app" value="%s"/>' "$code" "$code" "$app"
		printf '<secret name="secret" file="secrets/province-%s"/></account>\n' "$code"
	done
}
site_secrets() { # site studios.tsv
	printf 'made-up-grid-password' >"$1/secrets/grid"
	tail -n +2 "$2" | while IFS='	' read -r code _ _ _ _ secret; do
		printf '%s' "$secret" >"$1/secrets/province-$code"
	done
	chmod 600 "$1"/secrets/*
}
