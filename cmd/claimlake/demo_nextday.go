package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/synth"
)

// nextDay adds to the server's folder what the next day changes, as of now: new
// claims, adjustments, cancellations and deletions. It reports false where that was
// done before.
func (d demo) nextDay(patients int) (happened bool, err error) {
	data := filepath.Join(d.dir, "data")
	if _, err := os.Stat(filepath.Join(data, "deleted.ndjson")); err == nil {
		return false, nil
	}
	temp, err := os.MkdirTemp(d.dir, "day2-")
	if err != nil {
		return false, fmt.Errorf("the next day: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	made := filepath.Join(temp, "made")
	if _, err := synth.Write(d.cmd.Context(), made, synth.Options{Patients: patients, Seed: 1, Day: 2}); err != nil {
		return false, err
	}
	files, err := durable.Glob(made, "*.ndjson")
	if err != nil {
		return false, err
	}
	for _, file := range files { // by name: deleted.ndjson, which says that all are there, is the last
		if err := asOfNow(d.cmd.Context(), file, filepath.Join(data, strings.Replace(filepath.Base(file), ".000.", ".day2.", 1))); err != nil {
			return false, fmt.Errorf("the next day: %w", err)
		}
	}
	return true, nil
}

// What says when a line was made: of a resource when the server changed it, and of a
// Bundle of deletions, which has none yet, its timestamp.
var (
	lastUpdated = regexp.MustCompile(`^(.{0,200}?"lastUpdated":")[^"]*"`)
	deletions   = regexp.MustCompile(`^(\{"resourceType":"Bundle",)`)
)

// asOfNow copies a file, with resources that were changed just now.
func asOfNow(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line := lastUpdated.ReplaceAll(lines.Bytes(), []byte("${1}"+now+`"`))
		line = deletions.ReplaceAll(line, []byte(`${1}"timestamp":"`+now+`",`))
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return lines.Err()
}
