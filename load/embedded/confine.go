package embedded

import (
	"errors"
	"os"
	"path/filepath"
)

// The engine's process gives up what it does not need before it opens the store, so that
// no SQL can read a file or send anything, whatever ClickHouse allows. It starts in two
// stages. The first (stageConfine) restricts the files that it and its successors may
// open, on one thread, and replaces itself by the second (stageServe): every thread of a
// program starts with the restrictions of the thread that executed it. The second stage
// gives up making sockets and running programs, and then loads libchdb.
const (
	stageConfine = "confine"
	stageServe   = "1"
)

// openVariable carries, from the first stage to the second, why files are not restricted.
const openVariable = "CLAIMLAKE_EMBEDDED_OPEN"

// access is what the engine's process may open.
type access struct {
	dir      string   // the warehouse: read and written
	programs []string // files that are read and run: this program and libchdb
}

func accessOf(dir, library string) (access, error) {
	exe, err := os.Executable()
	if err == nil {
		exe, err = filepath.EvalSymlinks(exe)
	}
	return access{dir: dir, programs: []string{exe, library}}, err
}

// What any program needs: the dynamic loader's files, the processor's and the memory's
// numbers, the time zones. None of it tells about people or other processes.
var (
	systemDirs = []string{
		"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage",
	}
	systemFiles = []string{
		"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/dev/urandom", "/dev/random",
		"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/max_map_count",
	}

	// ownFiles tell of the process itself: not its environment, nor its open files.
	ownFiles = []string{"/proc/self/maps", "/proc/self/statm", "/proc/self/status", "/proc/self/cgroup", "/proc/self/mountinfo"}
)

// errNoLandlock says that the kernel cannot restrict files.
var errNoLandlock = errors.New("the kernel has no Landlock")
