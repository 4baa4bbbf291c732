package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/ledger"
)

// reader asks the embedded engine as an analyst does: over HTTP, with a password that is
// right, and with one that is wrong.
func (c *redactionCheck) reader(ctx context.Context) error {
	serving, stop := context.WithCancel(ctx)
	defer stop()
	out, in := io.Pipe()
	var problems bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runOn(serving, c.configured("warehouse", "--listen", "127.0.0.1:0", "--password-file", c.key("reader"), "--log-level", "debug"), in, &problems)
		_ = in.Close()
	}()
	lines := bufio.NewReader(out)
	said, err := lines.ReadString('\n')
	if err != nil {
		return fmt.Errorf("%w: warehouse: %s", errNotRun, problems.String())
	}
	var rest bytes.Buffer
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, _ = io.Copy(&rest, lines)
	}()
	address := regexp.MustCompile(`[0-9.]+:[0-9]+`).FindString(said)
	config := func(password string) string { return filepath.Join(c.setup, password+".yaml") }
	text, err := os.ReadFile(c.config)
	for _, password := range []string{"reader", "wrong"} {
		server := fmt.Sprintf("{mode: server, address: %q, protocol: http, user: claimlake, password_file: %q}", address, c.key(password))
		err = errors.Join(err, os.WriteFile(config(password), bytes.Replace(text, []byte("{mode: embedded}"), []byte(server), 1), 0o600))
	}
	if err != nil {
		return err
	}
	answered := c.asking(config("reader"))
	refused := []watched{{args: c.asking(config("wrong"))[0].args, fails: true}}
	err = c.all(ctx, append(answered, refused...), true)
	stop()
	<-ended
	<-copied
	c.told.WriteString(said + rest.String() + problems.String())
	return errors.Join(err, c.all(ctx, []watched{{args: answered[0].args, fails: true}}, true)) // nobody serves
}

// rebuild loses the ledger, and makes it again.
func (c *redactionCheck) rebuild(ctx context.Context) error {
	files, err := durable.Glob(c.lake, ledger.FileName+"*")
	for _, path := range files {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil || len(files) == 0 {
		return errors.Join(err, errNotRun)
	}
	return c.all(ctx, []watched{{args: c.ofLake("ledger", "rebuild")}, {args: c.ofLake("runs")}}, true)
}

// watchProcesses looks at the arguments and the environment of this process's children,
// where the system shows them, until stop, which gives what was seen of the marks there.
func (c *redactionCheck) watchProcesses() (stop func() []string) {
	done, ended := make(chan struct{}), make(chan struct{})
	leaks, pids := map[string]bool{}, map[string]bool{}
	go func() {
		defer close(ended)
		for {
			for _, pid := range children() {
				pids[pid] = true
				for _, what := range []string{"cmdline", "environ"} {
					if text, err := os.ReadFile(filepath.Join("/proc", pid, what)); err == nil && len(c.marks.Lines(string(text))) > 0 {
						leaks["a process's "+what] = true
					}
				}
			}
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond): // an engine lives longer
			}
		}
	}()
	return func() []string {
		close(done)
		<-ended
		c.children = len(pids)
		return slices.Sorted(maps.Keys(leaks))
	}
}

// children are the ids of this process's children, of Linux only.
func children() (pids []string) {
	lists, _ := durable.Glob("/proc/self/task", "*/children")
	for _, path := range lists {
		if text, err := os.ReadFile(path); err == nil {
			pids = append(pids, strings.Fields(string(text))...)
		}
	}
	return pids
}
