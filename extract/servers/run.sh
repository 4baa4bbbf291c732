#!/bin/sh
# Syncs from real FHIR servers, which run on loopback for it, and compares what is then in
# Parquet with what they have:
#
#   HAPI FHIR 8.8, as Maven has it, in memory, filled with synthetic claims
#   SMART's reference server, where SMART_SERVER names a folder with a checkout of
#     github.com/smart-on-fhir/bulk-data-server and FHIR_FILTER, if npm cannot get it, one
#     of github.com/smart-on-fhir/fhir-filter; its own synthetic data
#
# What they need is installed into bin/servers. The servers and claimlake run in a network
# namespace of their own, where the system allows that.
#
# usage: extract/servers/run.sh [hapi|smart]   from the repository's root, after make build
set -eu

here=extract/servers
dir=$PWD/bin/servers

install_hapi() { mvn -q -B -f $here/hapi/pom.xml dependency:copy-dependencies -DoutputDirectory="$dir/hapi"; }

# install_smart builds the server's database out of its own data, since a checkout may lack it.
install_smart() {
	[ ! -f "$dir/smart/ready" ] || return 0
	rm -rf "$dir/smart"
	mkdir -p "$dir/smart"
	cp -R "$SMART_SERVER/." "$dir/smart"
	(
		cd "$dir/smart"
		if [ -n "${FHIR_FILTER:-}" ]; then
			sed -i "s#github:smart-on-fhir/fhir-filter#file:$FHIR_FILTER#" package.json
			rm -f package-lock.json
		fi
		npm install --silent --omit=dev
		npm rebuild --silent sqlite3
		[ -s database.r4.db ] || npx ts-node --transpile-only data/import.ts -d data/fhir >import.log 2>&1
		touch ready
	)
}

# wait_for waits for a server that begins: for its process, its URL and its log.
wait_for() {
	for _ in $(seq 300); do
		kill -0 "$1" 2>/dev/null || break
		! curl -s -o "$work/answer" "$2/metadata" || return 0
		sleep 1
	done
	cat "$3" >&2
	echo "servers: $2 does not answer" >&2
	return 1
}

hapi() {
	java -Xmx1g -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$dir/hapi/*" $here/hapi/Hapi.java 18091 >"$work/hapi.log" 2>&1 &
	pid=$!
	url=http://127.0.0.1:18091/fhir
}

smart() {
	(cd "$dir/smart" && PORT=18092 BASE_URL=http://127.0.0.1:18092 SECRET=none exec node_modules/.bin/ts-node --transpile-only .) >"$work/smart.log" 2>&1 &
	pid=$!
	url=http://127.0.0.1:18092/fhir
}

# try starts a server, and syncs from it.
try() {
	$1
	wait_for "$pid" "$url" "$work/$1.log"
	mkdir -p "$work/$1/data"
	bin/claimlake demo data --out "$work/$1/data" --patients 10 >/dev/null
	"$dir/venv/bin/python" $here/servers.py "$1" "$url" bin/claimlake "$work/$1" || failed=1
	kill "$pid"
	pid=
}

if [ "${1:-}" != inside ]; then
	which=${1:-hapi${SMART_SERVER:+ smart}}
	[ -x "$dir/venv/bin/python" ] || python3 -m venv "$dir/venv"
	"$dir/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow
	for server in $which; do install_$server; done
	if unshare -rn true 2>/dev/null; then
		exec unshare -rn sh -c 'ip link set lo up && exec "$@"' servers $here/run.sh inside $which
	fi
	exec $here/run.sh inside $which
fi
shift

work=$(mktemp -d)
pid=
failed=0
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
for server in "$@"; do try $server; done
[ $failed = 0 ] || { echo "servers: not all went well" >&2; exit 1; }
echo "== all servers were read whole"
