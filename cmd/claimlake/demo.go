package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	prettytable "github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/synth"
	"github.com/claimlake/claimlake/load/parquet"
)

//go:embed demo/*.sql
var questions embed.FS

func newDemoCmd() *cobra.Command {
	var dir string
	var patients int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Export, load and query synthetic claims on this machine",
		Long: `Generate synthetic claims once, serve them from a FHIR Bulk Data server on this machine,
export them with SMART Backend Services, load them into Parquet and the embedded
ClickHouse, and answer an analyst's questions. Then advance the server by a day and load
the changes: new claims, adjustments, cancellations and deletions. Later runs export only
what changed since.`,
		Example: "  claimlake demo\n  claimlake demo --dir /tmp/demo --patients 1000",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := demo{cmd: cmd, dir: dir, out: cmd.OutOrStdout()}
			return d.run(patients)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "demo", "folder for all demo files")
	cmd.Flags().IntVar(&patients, "patients", 200, "population size of a new demo")
	cmd.AddCommand(newDemoDataCmd(), newDemoServerCmd())
	return cmd
}

// demo is one run of the demonstration.
type demo struct {
	cmd *cobra.Command
	dir string
	out io.Writer
}

func (d demo) run(patients int) (err error) {
	if err := d.data(patients); err != nil {
		return err
	}
	s, err := startDemoServer(d.cmd.Context(), filepath.Join(d.dir, "data"), "127.0.0.1:0", d.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	c, err := config.Load(filepath.Join(d.dir, defaultConfig))
	if err != nil {
		return err
	}
	d.say("A FHIR server is on %s. claimlake sync --config %s:", s.url, filepath.Join(d.dir, defaultConfig))
	if err := d.day(c, "spend.sql", "procedures.sql", "patients.sql"); err != nil {
		return err
	}
	happened, err := d.nextDay(patients)
	if err != nil {
		return err
	}
	if happened {
		d.say("The next day some claims are new, adjusted, cancelled or deleted. The same command again:")
		if err := d.day(c, "changes.sql", "versions.sql", "duplicates.sql"); err != nil {
			return err
		}
	}
	return d.goOn(c)
}

// day is a sync, the tables after it and the answers to some questions.
func (d demo) day(c config.Config, questions ...string) error {
	if err := (&syncFlags{}).run(d.cmd, c); err != nil {
		return err
	}
	return d.ask(c, questions)
}

func (d demo) goOn(c config.Config) error {
	d.say(`How to go on:
  bin/claimlake query --lake %[1]s "SELECT * FROM explanation_of_benefit LIMIT 3"
  bin/claimlake schema explanation_of_benefit_item
  bin/claimlake warehouse --lake %[1]s        # ClickHouse for BI tools
  duckdb -c "SELECT type_code, sum(benefit) FROM '%[1]s/current/explanation_of_benefit/*.parquet' GROUP BY 1"
  python3 -c "import pandas; print(pandas.read_parquet('%[1]s/current/patient').head())"`, c.Lake.Dir)
	return nil
}

func (d demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, "\n"+format+"\n", args...) }

// data makes the population unless it is there.
func (d demo) data(patients int) error {
	dir := filepath.Join(d.dir, "data")
	if _, err := os.Stat(dir); err == nil {
		d.say("Synthetic claims are in %s.", dir)
		return nil
	}
	d.say("Making synthetic claims of %d patients in %s ...", patients, dir)
	s, err := synth.Write(d.cmd.Context(), dir, synth.Options{Patients: patients, Seed: 1})
	if err != nil {
		return err
	}
	d.say("%.1f MB, %d explanations of benefit.", float64(s.Bytes)/1e6, s.Resources["ExplanationOfBenefit"])
	return nil
}

// ask prints the tables and answers questions of demo/.
func (d demo) ask(c config.Config, list []string) (err error) {
	w, err := pipeline.OpenWarehouse(d.cmd.Context(), c.Warehouse, c.Lake.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := d.tables(w, c.Lake.Dir); err != nil {
		return err
	}
	for _, file := range list {
		text, err := questions.ReadFile("demo/" + file)
		if err != nil {
			return err
		}
		question, sql, _ := strings.Cut(string(text), "\n")
		d.say("%s", strings.TrimPrefix(question, "-- "))
		if err := ask(d.cmd, w.Store, sql, writeTable); err != nil {
			return err
		}
	}
	return nil
}

// tables prints what readers find, in Parquet and in ClickHouse. It is an error if
// that differs.
func (d demo) tables(w *pipeline.Warehouse, lake string) error {
	d.say("Parquet files are in %s/<table>/*.parquet, and the same rows in ClickHouse:", filepath.Join(lake, "current"))
	l, err := parquet.Open(lake)
	if err != nil {
		return err
	}
	list, err := l.Current()
	if err != nil {
		return err
	}
	t := newTable(d.out, "table", "Parquet files", "KB", "Parquet rows", "ClickHouse rows")
	for _, c := range list {
		n, err := w.Count(d.cmd.Context(), c.Table)
		if err != nil {
			return err
		}
		if n != c.Rows {
			return fmt.Errorf("table %s has %d rows in Parquet and %d in ClickHouse", c.Table, c.Rows, n)
		}
		t.AppendRow(prettytable.Row{c.Table, c.Files, c.Bytes / 1000, c.Rows, n})
	}
	t.Render()
	return nil
}
