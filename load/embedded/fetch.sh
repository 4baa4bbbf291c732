#!/bin/sh
# Puts libchdb (ClickHouse as a library) into the user's cache, where the
# embedded engine looks for it. Does nothing when it is there.
#
# usage: load/embedded/fetch.sh [ARCHIVE]
#   ARCHIVE  the npm package as a .tgz, for machines without a network
set -eu

version=26.5.3

case "$(uname -s)-$(uname -m)" in
Linux-x86_64)
	package=lib-linux-x64-gnu
	sha256=b874e449710950da3abd7e20376f7bb3387d9e03adcc7082f022be18dfdf316a
	;;
Linux-aarch64) package=lib-linux-arm64-gnu sha256= ;;
Darwin-arm64) package=lib-darwin-arm64 sha256= ;;
Darwin-x86_64) package=lib-darwin-x64 sha256= ;;
*)
	echo "fetch libchdb: there is none for $(uname -s) $(uname -m): configure a ClickHouse server, or use --parquet-only" >&2
	exit 1
	;;
esac

# The same folder as Go's os.UserCacheDir.
case "$(uname -s)" in
Darwin) cache=$HOME/Library/Caches ;;
*) cache=${XDG_CACHE_HOME:-$HOME/.cache} ;;
esac
dir=$cache/claimlake/libchdb/$version
[ -f "$dir/libchdb.so" ] && exit 0

mkdir -p "$cache/claimlake/libchdb"
tmp=$(mktemp -d "$cache/claimlake/libchdb/.fetch-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

if [ $# -gt 0 ]; then
	archive=$1
else
	command -v npm >/dev/null || {
		echo "fetch libchdb: npm is not installed. Install it, or download @chdb/$package $version elsewhere and run: $0 ARCHIVE" >&2
		exit 1
	}
	echo "fetching @chdb/$package $version (167 MB)" >&2
	(cd "$tmp" && npm pack --silent "@chdb/$package@$version" >/dev/null) || {
		echo "fetch libchdb: npm pack @chdb/$package@$version failed: is the registry reachable?" >&2
		exit 1
	}
	archive=$(echo "$tmp"/*.tgz)
fi

if command -v sha256sum >/dev/null; then
	actual=$(sha256sum "$archive" | cut -d' ' -f1)
else
	actual=$(shasum -a 256 "$archive" | cut -d' ' -f1)
fi
if [ -z "$sha256" ]; then
	echo "fetch libchdb: NOT VERIFIED: no hash is pinned for $package; the archive's SHA-256 is $actual" >&2
elif [ "$actual" != "$sha256" ]; then
	echo "fetch libchdb: $archive is not @chdb/$package $version: its SHA-256 is $actual, want $sha256" >&2
	exit 1
fi

tar -xzf "$archive" -C "$tmp" package/libchdb.so || {
	echo "fetch libchdb: cannot unpack $archive (0.5 GB free in $cache?)" >&2
	exit 1
}
chmod 0755 "$tmp/package/libchdb.so"
mkdir -p "$dir"
mv -f "$tmp/package/libchdb.so" "$dir/libchdb.so"
echo "libchdb $version is in $dir" >&2
