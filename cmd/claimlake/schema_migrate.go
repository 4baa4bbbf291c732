package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

func newSchemaMigrateCmd() *cobra.Command {
	var (
		load  loadFlags
		flags lakeFlags
		into  string
	)
	cmd := &cobra.Command{
		Use:   "migrate --rebuild DIR",
		Short: "Build a new lake from the archive with the current mappings",
		Long: `Build a lake in a new folder from the archive of the configured lake, with the current
mappings. Use it when a mapping changed a column's type or a table's key, because readers
could not read old and new files together. Added columns need no migration.

The old lake stays as it is. Each promoted run becomes a run of the same kind, source and
time with a number of its own, so the next sync continues from the same watermark. Repeat
the command after an interruption. Then set lake.dir in claimlake.yaml to the new folder;
a ClickHouse server needs another warehouse.database too.`,
		Example: "  claimlake schema migrate --rebuild lake2 --schemas mappings/",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if into == "" {
				return usagef("--rebuild: name the folder for the new lake")
			}
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			return rebuild(cmd, c, &load, into)
		},
	}
	load.add(cmd)
	flags.add(cmd)
	flags.addParquetOnly(cmd)
	cmd.Flags().StringVar(&into, "rebuild", "", "folder for the new lake")
	return cmd
}

// errLacking says that a lake cannot be made again as a whole.
var errLacking = errors.New("not all runs are in the archive: load their sources again, into the new lake, in the order of the runs")

// rebuild loads all runs of the configured lake into another one.
func rebuild(cmd *cobra.Command, c config.Config, load *loadFlags, into string) error {
	old := c.Lake.Dir
	if same, err := sameFolder(old, into); err != nil || same {
		return errors.Join(err, usagef("--rebuild: %s is the lake itself", into))
	}
	var runs, lack []ledger.Run
	err := withLedger(cmd.Context(), old, func(l *ledger.Ledger) (err error) {
		runs, lack, err = pipeline.Archived(cmd.Context(), l)
		return err
	})
	if err != nil {
		return err
	}
	if len(lack) > 0 {
		return errors.Join(tellArchived(cmd, runs, lack), errLacking)
	}
	if err := recordIn(cmd, c, audit.Event{Action: "schema.migrate", Counts: map[string]int64{"runs": int64(len(runs))}}); err != nil {
		return err
	}
	c.Lake.Dir, c.Checks, c.OnPromote = into, config.Checks{SecondAttempt: "never", ClockSkew: "5m"}, nil // what was shown is shown again
	if c.Lake.Archive == "none" {
		c.Lake.Archive = "forever" // the old one is not kept for ever
	}
	for _, run := range runs {
		if err := loadAgain(cmd, c, load, old, run); err != nil {
			return fmt.Errorf("run %d: %w", run.Number, err)
		}
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has all %d runs of %s: let lake.dir name it\n", into, len(runs), old)
	return err
}

// loadAgain loads a run of the old lake, unless the new one has it.
func loadAgain(cmd *cobra.Command, c config.Config, load *loadFlags, old string, run ledger.Run) error {
	request := "archive of run " + run.ID
	done, err := pipeline.HasRun(cmd.Context(), c.Lake.Dir, request)
	if err != nil || done {
		return err
	}
	keys, err := setup.SealKeys(c.Seal)
	if err != nil {
		return usageError{err}
	}
	source, err := pipeline.OpenReflatten(cmd.Context(), old, run.ID, keys)
	if err != nil {
		return err
	}
	source.Elsewhere()
	o := pipeline.Options{Source: run.Source, Kind: run.Kind, Full: run.Full, Subset: run.Subset, Request: request}
	return load.run(cmd, c, o, func(*pipeline.Options) (pipeline.Source, error) { return source, nil })
}

// sameFolder reports whether two paths are of one folder.
func sameFolder(a, b string) (bool, error) {
	x, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	y, err := filepath.Abs(b)
	return x == y, err
}
