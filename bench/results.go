package main

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// result is one line of results.json.
type result struct {
	Case  string  `json:"case"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Ratio float64 `json:"ratio,omitempty"` // how many times faster or smaller claimlake is
	Note  string  `json:"note,omitempty"`
}

// median of what is seen in several runs.
func median[T cmp.Ordered](runs []usage, of func(usage) T) T {
	values := make([]T, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func wall(runs []usage) float64 {
	return median(runs, func(u usage) float64 { return u.wall.Seconds() })
}

func cpu(runs []usage) float64 {
	return median(runs, func(u usage) float64 { return u.cpu.Seconds() })
}

// ownPeak is the median of what the process itself took, in MB.
func ownPeak(runs []usage) float64 {
	return median(runs, func(u usage) float64 { return float64(u.own) / 1e6 })
}

func peak(runs []usage) float64 {
	return median(runs, func(u usage) float64 { return float64(u.peak) / 1e6 })
}

// folder is where a contender writes.
func folder(work, name string) string {
	return filepath.Join(work, strings.ReplaceAll(name, "/", "-"))
}

// parquetBytes is the size of all Parquet files in a folder and below.
func parquetBytes(dir string) (size int64, err error) {
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".parquet" {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

func writeResults(file string, results []result) error {
	b, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

// show is the results as a table.
func show(results []result) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"case", "value", "unit", "ratio", "note"})
	for _, r := range results {
		ratio := ""
		if r.Ratio > 0 {
			ratio = figure(r.Ratio)
		}
		t.AppendRow(table.Row{r.Case, figure(r.Value), r.Unit, ratio, r.Note})
	}
	return t
}
