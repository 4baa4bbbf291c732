package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"

	"github.com/claimlake/claimlake/load/embedded"
)

// options are the flags.
type options struct {
	claimlake string
	dir       string // of the input and of all that is written
	runs      int
	big       bool
	patients  int    // of the lake that is queried
	only      string // part to measure; "" for all
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
	flags.StringVar(&o.only, "only", "", "measure this part only, and do not note it: extract, load, types or query")
	flags.IntVar(&o.patients, "patients", demoPatients, "patients of the lake that is queried; 3600 are ten million rows")
	if err := flags.Parse(args); err != nil {
		return err
	}
	measured, ok := map[string]func(context.Context) ([]result, error){"": o.bench, "extract": o.benchExtract, "load": o.benchLoad, "types": o.benchTypes, "query": o.benchQuery}[o.only]
	if !ok {
		return fmt.Errorf("there is no part %q", o.only)
	}
	results, err := measured(ctx)
	if err != nil {
		return err
	}
	fmt.Println(show(results).Render())
	fmt.Println(machine())
	if o.only != "" {
		return nil
	}
	return writeResults("results.json", results)
}

// bench runs everything.
func (o options) bench(ctx context.Context) ([]result, error) {
	file, err := input(o.dir, inputBytes)
	if err != nil {
		return nil, err
	}
	tenth, err := input(o.dir, inputBytes/10)
	if err != nil {
		return nil, err
	}
	work := filepath.Join(o.dir, "work")
	contenders, err := o.contenders(file, tenth, work)
	if err != nil {
		return nil, err
	}
	runs, err := race(ctx, contenders, work, o.runs)
	if err != nil {
		return nil, err
	}
	checked, err := checkAll(ctx, work)
	if err != nil {
		return nil, err
	}
	size, err := sizes(work)
	if err != nil {
		return nil, err
	}
	results := append(figures(runs), size, peakMemory("memory/peak", runs))
	extracted, err := o.extracting(ctx, file, work)
	if err != nil {
		return nil, err
	}
	loaded, err := o.loading(ctx, work)
	if err != nil {
		return nil, err
	}
	types, err := o.loadingTypes(ctx, work)
	if err != nil {
		return nil, err
	}
	sealed, err := o.sealing(ctx, file, work)
	if err != nil {
		return nil, err
	}
	results = append(append(results, extracted...), loaded, types, sealed)
	if o.big {
		r, err := o.bigFile(ctx, work)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	queried, err := o.benchQuery(ctx) // last, since it makes this process big
	if err != nil {
		return nil, err
	}
	return slices.Concat(results, queried, checked), nil
}

// benchExtract runs the extract part.
func (o options) benchExtract(ctx context.Context) ([]result, error) {
	file, err := input(o.dir, inputBytes)
	if err != nil {
		return nil, err
	}
	return o.extracting(ctx, file, filepath.Join(o.dir, "work"))
}

// benchLoad runs the load part.
func (o options) benchLoad(ctx context.Context) ([]result, error) {
	r, err := o.loading(ctx, filepath.Join(o.dir, "work"))
	return []result{r}, err
}

// benchTypes runs the part with all resource types.
func (o options) benchTypes(ctx context.Context) ([]result, error) {
	r, err := o.loadingTypes(ctx, filepath.Join(o.dir, "work"))
	return []result{r}, err
}

// benchQuery runs the part with the analysts' views.
func (o options) benchQuery(ctx context.Context) ([]result, error) {
	return o.querying(ctx, filepath.Join(o.dir, "work"))
}

// checkAll compares everybody's rows, each in a process of its own, which may be big.
func checkAll(ctx context.Context, work string) ([]result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var results []result
	for _, c := range []struct{ ours, rival, theirs string }{
		{oursCase, "duckdb", duckCase}, {oursCase, "clickhouse", clickHouseCase}, {tenthCase, "gjson-get", gjsonCase},
	} {
		u, err := measure(ctx, []string{self, "check", folder(work, c.ours), c.rival, folder(work, c.theirs)})
		if err != nil {
			return nil, fmt.Errorf("check: the rows are not equal: %w", err)
		}
		results = append(results, result{Case: "check/" + c.rival, Value: u.wall.Seconds(), Unit: "s", Note: "all rows are equal"})
	}
	return results, nil
}

// bigFile measures the peak of memory on a file three times as big.
func (o options) bigFile(ctx context.Context, work string) (result, error) {
	file, err := input(o.dir, bigBytes)
	if err != nil {
		return result{}, err
	}
	c := contender{"memory/peak-1gb", func(out string) []string {
		return []string{o.claimlake, "flatten", "--parquet-only", "--workers", "2", "--lake", out, file}
	}}
	runs, err := race(ctx, []contender{c}, work, 1)
	return result{Case: c.name, Value: peak(runs[c.name]), Unit: "MB"}, err
}
