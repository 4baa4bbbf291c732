package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/embedded"
)

func newQueryCmd() *cobra.Command {
	var flags lakeFlags
	var format string
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Run a ClickHouse SQL query",
		Long: `Run one read-only SQL query in the embedded engine or on the configured server and print
the result. Decimals keep all digits; times are UTC. A query of "-" is read from standard
input.`,
		Example: `  claimlake query "SELECT type_code, count(), sum(payment_amount) FROM explanation_of_benefit GROUP BY ALL"
  claimlake query "SHOW TABLES"
  claimlake query --format csv "SELECT * FROM patient" > patients.csv
  claimlake query --format parquet "SELECT * FROM claim_line" > lines.parquet`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			write, ok := writers[format]
			if !ok {
				return usagef("--format %s: want table, csv, json, jsonl, markdown or parquet", format)
			}
			sql := args[0]
			if sql == "-" {
				text, err := io.ReadAll(cmd.InOrStdin())
				if err != nil {
					return fmt.Errorf("read the query: %w", err)
				}
				sql = string(text)
			}
			w, err := flags.open(cmd)
			if err != nil {
				return err
			}
			if err := flags.record(cmd, audit.Event{Action: "query", Object: embedded.Fingerprint(sql)}); err != nil {
				return errors.Join(err, w.Close())
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			if write == nil {
				return w.Parquet(cmd.Context(), sql, dataOut(cmd))
			}
			return ask(cmd, w.Store, sql, write)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&format, "format", "table", "table, csv, json, jsonl (one object a line), markdown or parquet")
	return cmd
}

// ask runs a query and prints the answer as it comes.
func ask(cmd *cobra.Command, store *clickhouse.Store, sql string, write writer) (err error) {
	rows, err := store.Query(cmd.Context(), sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return write(cmd, rows)
}

// writer prints an answer.
type writer func(*cobra.Command, *clickhouse.Rows) error

// writers are by format; ClickHouse itself writes Parquet.
var writers = map[string]writer{"table": writeTable, "csv": writeCSV, "json": writeJSON, "jsonl": writeJSONLines, "markdown": writeMarkdown, "parquet": nil}

func writeTable(cmd *cobra.Command, rows *clickhouse.Rows) error {
	return writeRows(cmd.OutOrStdout(), rows, table.Writer.Render)
}

func writeMarkdown(cmd *cobra.Command, rows *clickhouse.Rows) error {
	return writeRows(cmd.OutOrStdout(), rows, table.Writer.RenderMarkdown)
}

func writeRows(out io.Writer, rows *clickhouse.Rows, render func(table.Writer) string) error {
	var header []any
	for _, c := range rows.Columns() {
		header = append(header, c.Name)
	}
	t := newTable(out, header...)
	t.Style().Format.Header = 0
	for rows.Next() {
		values, err := rows.Row()
		if err != nil {
			return err
		}
		row := make(table.Row, len(values))
		for i, v := range values {
			if row[i] = printable(v.Text); v.Null {
				row[i] = "NULL"
			}
		}
		t.AppendRow(row)
	}
	render(t)
	return rows.Err()
}

func writeCSV(cmd *cobra.Command, rows *clickhouse.Rows) error {
	w := csv.NewWriter(dataOut(cmd))
	var record []string
	for _, c := range rows.Columns() {
		record = append(record, c.Name)
	}
	if err := w.Write(record); err != nil {
		return err
	}
	for rows.Next() {
		values, err := rows.Row()
		if err != nil {
			return err
		}
		for i, v := range values {
			record[i] = v.Text
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return errors.Join(rows.Err(), w.Error())
}

// writeJSON writes one array of objects.
func writeJSON(cmd *cobra.Command, rows *clickhouse.Rows) error {
	out := dataOut(cmd)
	before := "[\n  "
	err := eachObject(rows, func(object string) error {
		_, err := io.WriteString(out, before+object)
		before = ",\n  "
		return err
	})
	if err != nil {
		return err
	}
	end := "\n]\n"
	if before == "[\n  " {
		end = "[]\n"
	}
	_, err = io.WriteString(out, end)
	return err
}

func writeJSONLines(cmd *cobra.Command, rows *clickhouse.Rows) error {
	out := dataOut(cmd)
	return eachObject(rows, func(object string) error {
		_, err := fmt.Fprintln(out, object)
		return err
	})
}

// eachObject gives each row as a JSON object.
func eachObject(rows *clickhouse.Rows, write func(string) error) error {
	for rows.Next() {
		values, err := rows.Row()
		if err != nil {
			return err
		}
		var fields []string
		for i, c := range rows.Columns() {
			name, err := json.Marshal(c.Name)
			if err != nil {
				return err
			}
			fields = append(fields, string(name)+":"+c.JSON(values[i]))
		}
		if err := write("{" + strings.Join(fields, ",") + "}"); err != nil {
			return err
		}
	}
	return rows.Err()
}
