package embedded

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// restrictFiles restricts this thread, and what it executes, to the files of a. It also
// rules out TCP connections, signals to other processes, and looking into them. The error
// is errNoLandlock where the kernel has none of it. The thread must not be used for
// anything else.
func restrictFiles(a access) error {
	runtime.LockOSThread()
	for _, file := range ownFiles {
		// Stays open in the next stage: a rule holds for an inode, and /proc makes another
		// one when nobody has the file open.
		_, _ = unix.Open(file, unix.O_RDONLY, 0)
	}
	rules := []landlock.Rule{
		landlock.RWDirs(a.dir).WithRefer(),
		landlock.ROFiles(a.programs...),
		landlock.RODirs(systemDirs...).IgnoreIfMissing(),
		landlock.ROFiles(slices.Concat(systemFiles, ownFiles)...).IgnoreIfMissing(),
		landlock.RWFiles(os.DevNull),
	}
	fd, flags, err := landlock.V11.BestEffort().NewRulesetFD(rules...)
	if err != nil {
		return fmt.Errorf("restrict the engine's files: %w", err)
	}
	if fd < 0 {
		return errNoLandlock
	}
	defer unix.Close(fd) //nolint:errcheck // the process is replaced
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("restrict the engine's files: %w", err)
	}
	if err := ll.LandlockRestrictSelf(fd, flags); err != nil {
		return fmt.Errorf("restrict the engine's files: %w", err)
	}
	return nil
}

// reachingOut are the system calls by which a process reaches another, or another
// machine: sockets of every kind (Landlock knows TCP only, and no DNS or Unix sockets),
// the way around them (io_uring), programs, and memory of others. The engine's listener
// is open before.
var reachingOut = []string{
	"socket", "connect", "bind", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "mount", "unshare", "setns",
}

// restrictCalls takes reachingOut from all threads of this process.
func restrictCalls() error {
	err := seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls:      []seccomp.SyscallGroup{{Action: seccomp.ActionErrno, Names: reachingOut}},
		},
	})
	if err != nil {
		return fmt.Errorf("the kernel has no seccomp: %w", err)
	}
	return nil
}

// nextStage replaces this program by its second stage. It returns only an error.
func nextStage(a access, env []string) error {
	return syscall.Exec(a.programs[0], os.Args, env)
}
