//go:build !linux

package embedded

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

func restrictFiles(access) error { return errNoLandlock }

func restrictCalls() error { return errors.New("there is no seccomp on " + runtime.GOOS) }

func nextStage(a access, env []string) error { return syscall.Exec(a.programs[0], os.Args, env) }
