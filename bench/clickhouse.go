package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/embedded"
)

// clickHouseSettings go with every query. The new analyzer takes four seconds to plan the
// two widest queries; the old one is not right about lambdas in merged expressions.
var clickHouseSettings = url.Values{
	"max_threads":                              {"2"},
	"enable_analyzer":                          {"0"},
	"query_plan_merge_expressions":             {"0"},
	"input_format_skip_unknown_fields":         {"1"},
	"date_time_input_format":                   {"best_effort"},
	"output_format_parquet_compression_method": {"zstd"},
}

// engineDir stands for the engine's folder in a script, outside of which it sees no files:
// its input is in the folder in below it, and its Parquet files in out.
const engineDir = "{engine}"

// clickHouseScript is all that ClickHouse runs: read once into memory, then one INSERT
// into a file for each table.
func clickHouseScript(tables []mappedTable, s *shape) (script, error) {
	return clickHouseWrites(tables, s, func(t mappedTable, query string) (string, error) {
		return fmt.Sprintf("INSERT INTO FUNCTION file(%s, 'Parquet') %s", quote(engineDir+"/out/"+t.name+".parquet"), query), nil
	})
}

// clickHouseTables is the same into tables of its own, ordered by their keys.
func clickHouseTables(tables []mappedTable, s *shape) (script, error) {
	return clickHouseWrites(tables, s, func(t mappedTable, query string) (string, error) {
		described, err := table.Of(t.schema)
		return fmt.Sprintf("CREATE TABLE %s ENGINE = MergeTree ORDER BY (%s) SETTINGS allow_nullable_key = 1 AS %s", t.name, strings.Join(described.Key, ", "), query), err
	})
}

// clickHouseWrites reads the input into memory and makes a statement of the SELECT of each
// table.
func clickHouseWrites(tables []mappedTable, s *shape, write func(t mappedTable, query string) (string, error)) (script, error) {
	queries, err := selects(clickHouse{}, tables, s)
	if err != nil {
		return script{}, err
	}
	var columns []string
	for _, key := range wantedKeys(s) {
		columns = append(columns, clickHouse{}.name(key)+" "+clickHouseType(s.keys[key]))
	}
	sc := script{read: []string{fmt.Sprintf("CREATE TABLE resource ENGINE = Memory AS SELECT * FROM file(%s, 'JSONEachRow', %s)", quote(engineDir+"/in/*.ndjson"), quote(strings.Join(columns, ", ")))}}
	for _, t := range tables {
		if queries[t.name] == "" {
			continue
		}
		statement, err := write(t, queries[t.name])
		if err != nil {
			return script{}, err
		}
		sc.write = append(sc.write, statement)
	}
	return sc, nil
}

// runClickHouse runs a script in an engine of its own, as claimlake runs it: libchdb in
// a child process, asked by HTTP. Its folder is dir; the Parquet files that it wrote are in
// out then.
func runClickHouse(ctx context.Context, sc script, dir, out string, files []string) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := linkInto(filepath.Join(dir, "in"), files); err != nil {
		return err
	}
	server, err := embedded.Start(ctx, embedded.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close(), os.RemoveAll(dir)) }()
	if err := sc.run(ctx, func(ctx context.Context, statement string) error {
		return ask(ctx, server, strings.ReplaceAll(statement, engineDir, dir))
	}); err != nil {
		return err
	}
	written, err := filepath.Glob(filepath.Join(dir, "out", "*.parquet"))
	if err != nil {
		return err
	}
	return linkInto(out, written)
}

// linkInto gives files a second name in a folder.
func linkInto(dir string, files []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, file := range files {
		if err := os.Link(file, filepath.Join(dir, filepath.Base(file))); err != nil {
			return err
		}
	}
	return nil
}

// ask runs a statement that has no result.
func ask(ctx context.Context, server *embedded.Server, statement string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+server.Addr+"/?"+clickHouseSettings.Encode(), strings.NewReader(statement))
	if err != nil {
		return err
	}
	r.SetBasicAuth(server.User, server.Password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.2000s", answer.Status, text)
	}
	return err
}
