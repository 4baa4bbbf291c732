package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"
)

// script is what a database runs: statements that prepare and read the input, one
// after another, and then those that write a table each.
type script struct{ read, write []string }

// inFlight is how many tables are written at a time. One alone does not keep two cores
// busy; this saves DuckDB and ClickHouse a quarter of the time.
const inFlight = 2

// run runs the script with exec, which is called concurrently.
func (s script) run(ctx context.Context, exec func(ctx context.Context, statement string) error) error {
	do := func(ctx context.Context, statement string) error {
		if err := exec(ctx, statement); err != nil {
			return fmt.Errorf("%w in\n%.2000s", err, statement)
		}
		return nil
	}
	for _, statement := range s.read {
		if err := do(ctx, statement); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	for _, statement := range s.write {
		g.Go(func() error { return do(ctx, statement) })
	}
	return g.Wait()
}

// endOfStatement and endOfRead stand between the statements of a file, and between its
// two parts.
const (
	endOfStatement = ";\n"
	endOfRead      = ";\n-- tables\n"
)

// save writes the script to a file, so that a reader can see what was run.
func (s script) save(file string) error {
	text := strings.Join(s.read, endOfStatement) + endOfRead + strings.Join(s.write, endOfStatement)
	return os.WriteFile(file, []byte(text), 0o644)
}

// openScript reads it back.
func openScript(file string) (script, error) {
	b, err := os.ReadFile(file)
	read, write, _ := strings.Cut(string(b), endOfRead)
	return script{strings.Split(read, endOfStatement), strings.Split(write, endOfStatement)}, err
}
