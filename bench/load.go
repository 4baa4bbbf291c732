package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	loadCase   = "load/claimlake"
	byHandCase = "load/by-hand"
)

// maxLoadRuns bounds the runs of loads, which are long.
const maxLoadRuns = 3

// loading measures all of a first load of 1 GB: HTTP, Parquet and embedded ClickHouse,
// promoted and compared; next to it what is done without claimlake.
func (o options) loading(ctx context.Context, work string) (result, error) {
	file, err := input(o.dir, bigBytes)
	if err != nil {
		return result{}, err
	}
	data := filepath.Join(work, "served-load")
	if err := serveOnly(data, file); err != nil {
		return result{}, err
	}
	url, stop, err := startServer(ctx, data, "gzip", servedFileBytes)
	if err != nil {
		return result{}, err
	}
	defer stop()
	config := filepath.Join(work, "load.yaml")
	text := fmt.Sprintf("source: {name: bench, url: %q}\nexport: {types: [%s]}\nlake: {dir: %q}\n", url, resourceType, filepath.Join(folder(work, loadCase), "lake"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return result{}, err
	}
	hand, err := byHand(file, url, work)
	if err != nil {
		return result{}, err
	}
	runs, err := race(ctx, []contender{
		{loadCase, func(string) []string { return []string{o.claimlake, "sync", "--config", config} }}, hand,
	}, work, min(o.runs, maxLoadRuns))
	if err != nil {
		return result{}, err
	}
	return loadFigure(runs), nil
}

func loadFigure(runs map[string][]usage) result {
	ours, hand := runs[loadCase], runs[byHandCase]
	return result{Case: loadCase, Value: wall(ours), Unit: "s", Ratio: wall(hand) / wall(ours),
		Note: fmt.Sprintf("curl, DuckDB and ClickHouse by hand %.1f s; cpu %.1f s, by hand %.1f s; peak %.0f MB, and %.0f MB of the engine's process", wall(hand), cpu(ours), cpu(hand), ownPeak(ours), peak(ours))}
}

// byHand is what is done without claimlake: curl downloads the files, DuckDB reads them
// and writes Parquet, ClickHouse reads them and fills its tables. file has what the
// server at url gives.
func byHand(file, url, work string) (contender, error) {
	self, err := os.Executable()
	if err != nil {
		return contender{}, err
	}
	tables, err := readMapping()
	if err != nil {
		return contender{}, err
	}
	s, err := observe(file)
	if err != nil {
		return contender{}, err
	}
	out := folder(work, byHandCase)
	list, err := curlList(url, out)
	if err != nil {
		return contender{}, err
	}
	files := filepath.Join(out, "*.ndjson")
	d, err := duckScript(tables, s, files, out)
	if err != nil {
		return contender{}, err
	}
	c, err := clickHouseTables(tables, s)
	if err != nil {
		return contender{}, err
	}
	names := []string{filepath.Join(work, "by-hand-curl.txt"), filepath.Join(work, "by-hand-duckdb.sql"), filepath.Join(work, "by-hand-clickhouse.sql")}
	if err := os.WriteFile(names[0], []byte(list), 0o600); err != nil {
		return contender{}, err
	}
	if err := d.save(names[1]); err != nil {
		return contender{}, err
	}
	return contender{byHandCase, func(out string) []string {
		return append([]string{self, "by-hand", out}, names...)
	}}, c.save(names[2])
}

// byHandChild does the steps one after another: by-hand DIR LIST SCRIPT SCRIPT.
func byHandChild(ctx context.Context, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, command := range [][]string{curl(4, args[1]), {self, "duckdb", args[2]}, {self, "clickhouse", args[3], args[0], filepath.Join(args[0], "*.ndjson")}} {
		if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, tail(out))
		}
	}
	return nil
}
