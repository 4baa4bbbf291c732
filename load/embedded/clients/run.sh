#!/bin/sh
# Asks a served warehouse what ClickHouse's own clients ask: clickhouse-connect,
# clickhouse-sqlalchemy and the JDBC driver, which are installed into bin/clients. Each
# script has an empty result, a filter, metadata, a large result, refused statements and,
# where the client has it, a cancelled query. Fails where one of them does.
#
# usage: load/embedded/clients/run.sh   from the repository's root, after make build
set -eu

here=load/embedded/clients
dir=$PWD/bin/clients
mkdir -p "$dir"

if [ ! -x "$dir/venv/bin/python" ]; then
	python3 -m venv "$dir/venv"
fi
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check clickhouse-connect==1.12.0 clickhouse-sqlalchemy==0.3.2 pandas pyarrow
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$dir/jars"

work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
echo open >"$work/password"
bin/claimlake flatten --lake "$work/lake" testdata/*/*.ndjson >/dev/null
bin/claimlake warehouse --lake "$work/lake" --listen 127.0.0.1:0 --password-file "$work/password" >"$work/said" &
pid=$!
for _ in $(seq 100); do
	port=$(sed -n 's/.*http:\/\/127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/said")
	[ -z "$port" ] || break
	sleep 0.1
done
[ -n "$port" ] || { echo "clients: the warehouse does not serve" >&2; exit 1; }

echo "== clickhouse-connect"
"$dir/venv/bin/python" "$here/connect.py" "$port"
echo "== SQLAlchemy"
"$dir/venv/bin/python" -W ignore "$here/sqlalchemy_metadata.py" "$port"
echo "== JDBC"
java -cp "$dir/jars/clickhouse-jdbc-0.9.0-all.jar:$dir/jars/slf4j-api-2.0.7.jar" "$here/Jdbc.java" "$port" >"$work/jdbc" 2>&1 || { cat "$work/jdbc"; exit 1; }
grep -v SLF4J "$work/jdbc"
echo "== all clients were answered"
