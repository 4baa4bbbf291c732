// Command claimlake turns FHIR Bulk Data claims into a columnar analytics
// store. Each command is one file: it parses flags, calls, and prints.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/load/embedded"
)

// version is set by the build.
var version = "unknown"

// Exit codes, as documented in the README.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3 // done, but some lines could not be used
)

// serverSays begins the one kind of line that holds what a server wrote.
const serverSays = "the server says:"

// hiddenWords stands for such lines where they would be kept: a server may name a patient.
const hiddenWords = "claimlake: the server says why, in words that may name a patient and are kept nowhere: run this on a terminal to see them"

// printSaid prints what a server said, on a terminal alone.
func printSaid(out *plain, said []string) error {
	if len(said) > 0 && !out.terminal {
		_, err := fmt.Fprintln(out, hiddenWords)
		return err
	}
	for _, text := range said {
		if _, err := fmt.Fprintln(out, serverSays, text); err != nil {
			return err
		}
	}
	return nil
}

// usageError is a mistake on the command line or in the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	embedded.Child() // does not return where this is the embedded engine's process
	limitMemory()
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	return runOn(ctx, args, os.Stdout, os.Stderr)
}

// runOn runs a command line and gives the exit code.
func runOn(ctx context.Context, args []string, out, problems io.Writer) int {
	return runPlain(ctx, args, newPlain(out), newPlain(problems))
}

func runPlain(ctx context.Context, args []string, out, problems *plain) int {
	defer out.end()
	defer problems.end()
	root := newRootCmd()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(problems)
	err := root.ExecuteContext(ctx)
	if lost := out.lost(); lost != nil && !errors.Is(err, lost) {
		err = errors.Join(err, fmt.Errorf("not all could be printed: %w", lost))
	}
	if err == nil {
		return exitDone
	}
	_, _ = fmt.Fprintln(problems, "claimlake:", err)
	if advice := fullDisk(err); advice != "" {
		_, _ = fmt.Fprintln(problems, advice)
	}
	_ = printSaid(problems, redact.SaidIn(err)) // nobody is left to be told
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[rejectedError](err); ok {
		return exitRejected
	}
	if _, ok := errors.AsType[unusedLinesError](err); ok {
		return exitRejected
	}
	return exitFailed
}
