package main

import (
	"fmt"
	"path/filepath"
)

// figures are times: those of the input's contenders against claimlake with two workers,
// those of the tenth's against claimlake on the tenth.
func figures(runs map[string][]usage) []result {
	var list []result
	for _, c := range []struct{ name, against, note string }{
		{oursCase, oursCase, "2 workers"},
		{duckCase, oursCase, "2 threads, without _hash"},
		{clickHouseCase, oursCase, "2 threads, without _line and _hash"},
		{gjsonCase, tenthCase, "2 workers, a tenth of the input for both"},
		{"flatten/workers", oursCase, "1 worker against 2"},
	} {
		name := c.name
		if name == "flatten/workers" {
			name = oneWorker
		}
		list = append(list,
			result{Case: c.name, Value: wall(runs[name]), Unit: "s", Ratio: wall(runs[name]) / wall(runs[c.against]), Note: c.note},
			result{Case: c.name + "/cpu", Value: cpu(runs[name]), Unit: "cpu s", Ratio: cpu(runs[name]) / cpu(runs[c.against])},
		)
	}
	return list
}

// peakMemory is claimlake's peak.
func peakMemory(name string, runs map[string][]usage) result {
	ours, duck, click := peak(runs[oursCase]), peak(runs[duckCase]), peak(runs[clickHouseCase])
	return result{Case: name, Value: ours, Unit: "MB", Ratio: duck / ours, Note: fmt.Sprintf("DuckDB %.0f MB, ClickHouse %.0f MB", duck, click)}
}

// sizes compares the Parquet files.
func sizes(work string) (result, error) {
	ours, err := parquetBytes(filepath.Join(folder(work, oursCase), "current"))
	if err != nil {
		return result{}, err
	}
	duck, err := parquetBytes(folder(work, duckCase))
	if err != nil {
		return result{}, err
	}
	click, err := parquetBytes(folder(work, clickHouseCase))
	return result{
		Case: "parquet/size", Value: float64(ours) / 1e6, Unit: "MB", Ratio: float64(duck) / float64(ours),
		Note: fmt.Sprintf("DuckDB %.1f MB, ClickHouse %.1f MB, both without _hash", float64(duck)/1e6, float64(click)/1e6),
	}, err
}
