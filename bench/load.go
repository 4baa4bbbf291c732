package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

const loadCase = "load/claimlake"

// loading measures all of a first load: HTTP, Parquet and embedded ClickHouse,
// promoted and compared. It serves what extracting served.
func (o options) loading(ctx context.Context, work string) ([]usage, error) {
	url, stop, err := startServer(ctx, filepath.Join(work, "served"), "gzip", servedFileBytes)
	if err != nil {
		return nil, err
	}
	defer stop()
	config := filepath.Join(work, "load.yaml")
	text := fmt.Sprintf("source: {name: bench, url: %q}\nexport: {types: [%s]}\nlake: {dir: %q}\n", url, resourceType, filepath.Join(folder(work, loadCase), "lake"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	c := contender{loadCase, func(string) []string { return []string{o.claimlake, "sync", "--config", config} }}
	runs, err := race(ctx, []contender{c}, work, o.runs)
	return runs[loadCase], err
}

// loadFigure compares a load with what is done without claimlake: download with curl,
// then DuckDB into Parquet, then ClickHouse, whose times are those of this run.
func loadFigure(ours []usage, flatten, downloads map[string][]usage) result {
	curl := wall(downloads[downloadCase("curl", "gzip", 4)])
	duck, click := wall(flatten[duckCase]), wall(flatten[clickHouseCase])
	return result{Case: loadCase, Value: wall(ours), Unit: "s", Ratio: (curl + duck + click) / wall(ours),
		Note: fmt.Sprintf("curl %.2f s, then DuckDB %.2f s, then ClickHouse %.2f s; peak %.0f MB, and %.0f MB of the engine's process", curl, duck, click, ownPeak(ours), peak(ours))}
}
