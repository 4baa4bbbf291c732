package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
)

func main() {
	list := flag.String("list", "internal/mutate/mutations.txt", "the mutations, from the repository's folder")
	only := flag.String("run", "", "regular expression: those whose names match alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *list, *only); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

// run tries each mutation, and reports an error unless a test fails for each.
func run(ctx context.Context, out io.Writer, list, only string) error {
	names, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	mutations, err := parse(f)
	if err != nil {
		return err
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	r, surveyed := repository{root}, map[string]error{}
	tried, bad := 0, 0
	for _, m := range mutations {
		if !names.MatchString(m.name) {
			continue
		}
		of := m.pkg + " " + m.test
		err, known := surveyed[of]
		if !known {
			err = r.survey(ctx, m)
			surveyed[of] = err
		}
		if err == nil {
			err = r.kill(ctx, m)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		tried++
		said := "killed by " + of
		if err != nil {
			bad++
			said = err.Error()
		}
		_, _ = fmt.Fprintf(out, "%s: %s\n", m.name, said)
	}
	_, _ = fmt.Fprintf(out, "%d of %d killed\n", tried-bad, tried)
	if bad > 0 || tried == 0 {
		return fmt.Errorf("%d of %d mutations are not killed", bad, tried)
	}
	return nil
}
