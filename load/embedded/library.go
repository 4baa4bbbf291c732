package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Version is the libchdb release that fetch.sh puts into the user's cache.
const Version = "26.5.3"

// libraryFile is its name in the npm packages, on macOS too.
const libraryFile = "libchdb.so"

// LibraryVariable is the environment variable that names the library's file.
const LibraryVariable = "CLAIMLAKE_LIBCHDB"

// ErrNoLibrary says that libchdb is not on this machine. Its text names the
// ways out.
var ErrNoLibrary = errors.New("the embedded ClickHouse needs libchdb")

// Locate finds libchdb: path when it is not empty, else the file that
// CLAIMLAKE_LIBCHDB names, else the one fetch.sh put into the user's cache. The
// error is ErrNoLibrary.
func Locate(path string) (string, error) {
	if path == "" {
		path = os.Getenv(LibraryVariable)
	}
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("%w: no cache folder: %w; set %s to its file", ErrNoLibrary, err, LibraryVariable)
		}
		path = filepath.Join(cache, "claimlake", "libchdb", Version, libraryFile)
	}
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		return "", fmt.Errorf("%w, and %s is not there: run `make libchdb`, or set %s to its file, or configure a ClickHouse server, or use --parquet-only",
			ErrNoLibrary, path, LibraryVariable)
	}
	return filepath.Abs(path)
}
