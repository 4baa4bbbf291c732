package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/claimlake/claimlake/load/embedded"
)

// options are the flags.
type options struct {
	claimlake string
	dir       string // of the input and of all that is written
	runs      int
	big       bool
}

func main() {
	embedded.Child() // this program is the engine's process too
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && children[args[0]] != nil {
		return children[args[0]](ctx, args[1:])
	}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.claimlake, "claimlake", "../bin/claimlake", "the program to measure")
	flags.StringVar(&o.dir, "data", "data", "folder for the input and all that is written")
	flags.IntVar(&o.runs, "runs", 5, "measured runs of each contender, after one to warm up")
	flags.BoolVar(&o.big, "big", false, "measure the peak of memory on a file of 1 GB too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	results, err := o.bench(ctx)
	if err != nil {
		return err
	}
	fmt.Println(show(results).Render())
	fmt.Println(machine())
	return writeResults("results.json", results)
}

// bench runs everything.
func (o options) bench(ctx context.Context) ([]result, error) {
	file, err := input(o.dir, 300<<20)
	if err != nil {
		return nil, err
	}
	work := filepath.Join(o.dir, "work")
	contenders, err := o.contenders(file, work)
	if err != nil {
		return nil, err
	}
	runs, err := race(ctx, contenders, work, o.runs)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	u, err := measure(ctx, []string{self, "check", folder(work, "flatten/claimlake"), folder(work, "flatten/duckdb"), folder(work, "flatten/clickhouse")})
	if err != nil {
		return nil, fmt.Errorf("check: the rows are not equal: %w", err)
	}
	return o.results(ctx, runs, work, u)
}

// results turns what was measured into the list of results.
func (o options) results(_ context.Context, runs map[string][]usage, work string, checked usage) ([]result, error) {
	ours := runs["flatten/claimlake"]
	results := []result{
		{Case: "flatten/claimlake", Value: wall(ours), Unit: "s", Ratio: 1},
		{Case: "flatten/claimlake/cpu", Value: cpu(ours), Unit: "cpu s", Ratio: 1},
	}
	theirs := runs["flatten/duckdb"]
	results = append(results,
		result{Case: "flatten/duckdb", Value: wall(theirs), Unit: "s", Ratio: wall(theirs) / wall(ours)},
		result{Case: "flatten/duckdb/cpu", Value: cpu(theirs), Unit: "cpu s", Ratio: cpu(theirs) / cpu(ours)},
	)
	a, err := parquetBytes(filepath.Join(folder(work, "flatten/claimlake"), "current"))
	if err != nil {
		return nil, err
	}
	b, err := parquetBytes(folder(work, "flatten/duckdb"))
	if err != nil {
		return nil, err
	}
	return append(results,
		result{Case: "parquet/size", Value: float64(a) / 1e6, Unit: "MB", Ratio: float64(b) / float64(a), Note: fmt.Sprintf("DuckDB's: %s MB, without _hash", figure(float64(b)/1e6))},
		result{Case: "memory/peak", Value: peak(ours), Unit: "MB", Ratio: peak(theirs) / peak(ours), Note: fmt.Sprintf("DuckDB's: %s MB", figure(peak(theirs)))},
		result{Case: "check", Value: checked.wall.Seconds(), Unit: "s", Note: "rows of claimlake and DuckDB are equal"},
	), nil
}
