#!/bin/sh
# Runs the Tuva Project's dbt package over a lake, in DuckDB, and prints its models, its
# tests, the rows of each mart and figures that are counted from the lake by hand.
# Installs dbt into bin/tuva. Fails where a model or a figure does.
#
# usage: bench/tuva/run.sh   from the repository's root, after make build
#   TUVA      folder of the package the_tuva_project, version 0.18
#   PACKAGES  folder of the packages that it needs: dbt_utils, dbt_expectations, dbt_date
#             (default: $TUVA/dbt_packages, where dbt deps puts them)
#   SEEDS     rows of Tuva's terminology: network, none, or a folder with <seed>.csv (default: none)
#   LAKE      lake (default: that of a new demo)
set -eu

: "${TUVA:?name the folder of the package the_tuva_project: make tuva TUVA=path}"
packages=${PACKAGES:-$TUVA/dbt_packages}
seeds=${SEEDS:-none}
here=$PWD/bench/tuva
dir=$PWD/bin/tuva
mkdir -p "$dir"

if [ ! -x "$dir/venv/bin/dbt" ]; then
	python3 -m venv "$dir/venv"
	"$dir/venv/bin/pip" install --quiet --disable-pip-version-check dbt-core==1.11.16 dbt-duckdb==1.10.1 duckdb==2.0.1
fi
if [ -z "${LAKE:-}" ]; then
	LAKE=$dir/demo/lake
	[ -d "$LAKE" ] || bin/claimlake demo --dir "$dir/demo" >"$dir/demo.log"
fi
[ ! -d "$seeds" ] || seeds=$(cd "$seeds" && pwd)

bin/claimlake schema views --tuva "$dir/project" --lake "$LAKE"
rm -rf "$dir/project/dbt_packages" "$dir/project/tuva.duckdb"
mkdir "$dir/project/dbt_packages"
cp -R "$TUVA" "$dir/project/dbt_packages/the_tuva_project"
rm -rf "$dir/project/dbt_packages/the_tuva_project/integration_tests" "$dir/project/dbt_packages/the_tuva_project/dbt_packages"
for package in "$packages"/*/; do
	[ "$(basename "$package")" = the_tuva_project ] || cp -R "$package" "$dir/project/dbt_packages/"
done

# --vars is the same each time: with others dbt parses everything again.
ask() {
	echo "== dbt $1"
	(cd "$dir/project" && "$dir/venv/bin/dbt" --no-use-colors "$1" --profiles-dir . --vars "{claimlake_seeds: '$seeds'}" --quiet >"$dir/$1.log" 2>&1) && done=0 || done=$?
	"$dir/venv/bin/python" "$here/results.py" "$dir/project/target/run_results.json" || true
	return "$done"
}
ask seed || { tail -50 "$dir/seed.log"; exit 1; }
ask run || { tail -50 "$dir/run.log"; exit 1; }
ask test || echo "(what Tuva's tests find in the data fails them, not the run)"
echo "== marts"
"$dir/venv/bin/python" "$here/figures.py" "$dir/project/tuva.duckdb" "$LAKE"
