package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

func newResumeCmd() *cobra.Command {
	var r resumeFlags
	cmd := &cobra.Command{
		Use:   "resume [RUN]",
		Short: "Resume an interrupted or incomplete sync",
		Long: `Resume a sync that was interrupted or whose files failed. It uses the same export and
skips completed files. sync does the same if it can; resume never starts a new export.
RUN is a run number or the beginning of a run id; omit it if only one run is unfinished.`,
		Example: "  claimlake resume\n  claimlake resume 7 --config payer.yaml",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				r.run = args[0]
			}
			return r.resume(cmd)
		},
	}
	r.add(cmd)
	return cmd
}

// resumeFlags say which run to go on with, and how.
type resumeFlags struct {
	loadFlags
	file   string
	run    string // "" where there is only one
	accept string // why failed checks are no matter; "" where they are
}

func (f *resumeFlags) add(cmd *cobra.Command) {
	f.loadFlags.add(cmd)
	cmd.Flags().StringVar(&f.file, "config", defaultConfig, "configuration file of the sync")
}

func (f *resumeFlags) resume(cmd *cobra.Command) error {
	c, err := config.Load(f.file)
	if err != nil {
		return usageError{err}
	}
	run, err := interrupted(cmd.Context(), c.Lake.Dir, f.run)
	if err != nil {
		return err
	}
	if f.accept != "" && !run.Held {
		return usagef("run %d is not held back by a check: claimlake resume %d goes on with it", run.Number, run.Number)
	}
	export, err := sameExport(cmd, c, f.schemas, run)
	if err != nil {
		return err
	}
	if err := tellDone(cmd, c.Lake.Dir, run); err != nil {
		return err
	}
	o := pipeline.Options{Source: c.Source.Name, Kind: "sync", Request: run.Request, Resume: true, Only: run.ID, Full: isWhole(c, export), Subset: len(export.Elements) > 0, Files: c.Limits.Downloads}
	if f.accept != "" {
		o.Checks.Accept, o.Checks.By = f.accept, whoami()
		if o.Checks.Since, err = sinceBefore(cmd.Context(), c, run); err != nil {
			return err
		}
	}
	return f.loadFlags.run(cmd, c, o, func(o *pipeline.Options) (pipeline.Source, error) {
		return newRemote(cmd.Context(), c, export, run.Full, agent(*o))
	})
}

// interrupted is the unfinished sync that is meant.
func interrupted(ctx context.Context, lake, name string) (run ledger.Run, err error) {
	err = withLedger(ctx, lake, func(l *ledger.Ledger) error {
		runs, err := l.Unfinished(ctx)
		if err != nil {
			return err
		}
		if name != "" {
			run, err = l.Run(ctx, name)
			runs = []ledger.Run{run}
		}
		switch {
		case err != nil:
			return err
		case len(runs) == 0:
			return fmt.Errorf("no run of the lake %s was interrupted; claimlake sync begins one", lake)
		case len(runs) > 1:
			return usagef("%d runs were interrupted: say which, see claimlake runs", len(runs))
		}
		run = runs[0]
		return unfinished(run)
	})
	return run, err
}

// unfinished reports why there is nothing to go on with.
func unfinished(r ledger.Run) error {
	switch {
	case r.State != ledger.Running && r.State != ledger.Promoting:
		return fmt.Errorf("run %d is %s: there is nothing to go on with", r.Number, r.State)
	case r.Kind != "sync" && r.State == ledger.Running:
		return fmt.Errorf("run %d is a %s: run that command again, nothing of it is visible", r.Number, r.Kind)
	}
	return nil
}

// sameExport is what the run asked for, if the configuration still asks for that.
func sameExport(cmd *cobra.Command, c config.Config, schemas string, run ledger.Run) (extract.Export, error) {
	plan, err := compile(schemas)
	if err != nil {
		return extract.Export{}, err
	}
	since, err := pipeline.Watermark(cmd.Context(), c.Lake.Dir, c.Source.Name)
	if err != nil {
		return extract.Export{}, err
	}
	changed, all := setup.Export(c.Export, plan, since), setup.Export(c.Export, plan, noTime)
	if changed.Narrow {
		leftOut, err := lastLeftOut(cmd.Context(), c)
		if err != nil {
			return extract.Export{}, err
		}
		changed = changed.Without(leftOut)
	}
	switch {
	case run.Source != c.Source.Name:
		return changed, usagef("run %d is of the source %s, and the configuration names %s: use the run's configuration", run.Number, run.Source, c.Source.Name)
	case asked(c, changed) == run.Request || run.State == ledger.Promoting:
		return changed, nil
	case asked(c, all) == run.Request:
		return all, nil
	}
	return changed, usagef("the configuration asks for another export than run %d did: put it back, or claimlake cancel %d and sync", run.Number, run.Number)
}

// sinceBefore is from when on a source is asked where what a run asked for did not come
// whole: since the last sync, if that was about the same, else since ever.
func sinceBefore(ctx context.Context, c config.Config, run ledger.Run) (time.Time, error) {
	last, err := pipeline.LastRequest(ctx, c.Lake.Dir, c.Source.Name)
	if err != nil || last == "" {
		return noTime, err
	}
	if why, _ := scopeOf(run.Request).within(scopeOf(last)); why != "" {
		return noTime, nil
	}
	return pipeline.Watermark(ctx, c.Lake.Dir, c.Source.Name)
}

// tellDone says what of a run need not be asked for again.
func tellDone(cmd *cobra.Command, lake string, run ledger.Run) error {
	return withLedger(cmd.Context(), lake, func(l *ledger.Ledger) error {
		files, err := l.Files(cmd.Context(), run.ID)
		if err != nil {
			return err
		}
		done, lines := 0, int64(0)
		for _, f := range files {
			if f.State == ledger.Done {
				done++
			}
			lines += f.Lines
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "go on with run %d: %d of %d files and %d lines are loaded\n", run.Number, done, len(files), lines)
		return err
	})
}
