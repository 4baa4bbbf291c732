package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// usage is what one whole process took, seen from outside: its start, reading the
// mapping, and the end of all its threads included.
type usage struct {
	wall time.Duration
	cpu  time.Duration // user and system
	peak int64         // resident set of the process, or that of one it started, whichever is more; bytes
	own  int64         // resident set of the process itself, bytes; 0 where /proc does not say
}

// contender is one way to flatten the input. Each run writes to an empty folder.
type contender struct {
	name    string
	command func(out string) []string
}

// measure runs a command. Its peak is never below that of this process, which
// therefore does nothing big itself.
func measure(ctx context.Context, command []string) (usage, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	start := time.Now()
	err := cmd.Start()
	own := make(chan int64, 1)
	if err == nil {
		go func() { own <- watch(cmd.Process.Pid) }()
		err = cmd.Wait()
	}
	wall := time.Since(start)
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w\n%s", command[0], err, tail(output.Bytes()))
	}
	state := cmd.ProcessState
	peak := state.SysUsage().(*syscall.Rusage).Maxrss * 1024
	return usage{wall: wall, cpu: state.UserTime() + state.SystemTime(), peak: peak, own: <-own}, nil
}

// watch gives the most memory that a process was seen to have had, in bytes, once it
// is gone.
func watch(pid int) (most int64) {
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, after, found := strings.Cut(string(status), "VmHWM:")
		if err != nil || !found {
			return most // gone, or a zombie
		}
		var kB int64
		if _, err := fmt.Sscan(after, &kB); err == nil {
			most = max(most, kB<<10)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// tail is the end of an output.
func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

// race runs the contenders once to warm up, and then in turn, A B C A B C …, so that
// a slow minute of the machine is everybody's. What the last round wrote stays in
// work/<name>.
func race(ctx context.Context, contenders []contender, work string, runs int) (map[string][]usage, error) {
	all := map[string][]usage{}
	for round := range runs + 1 {
		for _, c := range contenders {
			out := folder(work, c.name)
			if err := os.RemoveAll(out); err != nil {
				return nil, err
			}
			if err := os.MkdirAll(out, 0o755); err != nil {
				return nil, err
			}
			u, err := measure(ctx, c.command(out))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			fmt.Fprintf(os.Stderr, "round %d %-28s %6.2f s wall %6.2f s cpu %5d MB\n", round, c.name, u.wall.Seconds(), u.cpu.Seconds(), u.peak>>20)
			if round > 0 {
				all[c.name] = append(all[c.name], u)
			}
		}
	}
	return all, nil
}
