package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

// loadFlags are the flags of commands that load.
type loadFlags struct {
	schemas string
	workers int
	report  string
}

func (f *loadFlags) add(cmd *cobra.Command) {
	f.addSchemas(cmd)
	cmd.Flags().IntVar(&f.workers, "workers", 0, "pages flattened concurrently (default one per core)")
	cmd.Flags().StringVar(&f.report, "report", "", "file to write a report of the run into: .md is Markdown, .json is JSON")
}

func (f *loadFlags) addSchemas(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.schemas, "schemas", "", "folder of mappings that add to or replace the built-in ones")
}

// run makes a run as the configuration and o say, and prints its report. open
// gives the run's source; it gets the options with everything filled in, and may change
// them: a run that was killed while it was shown to readers counts by then.
func (f *loadFlags) run(cmd *cobra.Command, c config.Config, o pipeline.Options, open func(*pipeline.Options) (pipeline.Source, error)) (err error) {
	ctx := cmd.Context()
	if err := checkReportName(f.report); err != nil {
		return err
	}
	o.Metrics = metrics.New()
	stop, err := publish(ctx, c.Metrics, o.Metrics)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	traced, err := trace(cmd, c.Traces, o.Metrics)
	if err != nil {
		return err
	}
	defer traced()
	obs := newObserver(cmd)
	defer obs.stop()
	o.Observer = obs
	if o, err = f.options(cmd, c, o); err != nil {
		return err
	}
	w, err := pipeline.OpenWarehouse(ctx, c.Warehouse, c.Lake.Dir)
	if err != nil {
		return err
	}
	if w != nil {
		defer func() { err = errors.Join(err, w.Close()) }()
		o.Warehouse = w.Store
		allowWarehouse()
	}
	if err := pipeline.Settle(ctx, o); err != nil {
		return err
	}
	source, err := open(&o)
	if err != nil {
		return err
	}
	report, err := pipeline.Run(ctx, o, source)
	obs.stop()
	return f.tell(cmd, o, report, err)
}

// options fills in what the configuration and the flags say.
func (f *loadFlags) options(cmd *cobra.Command, c config.Config, o pipeline.Options) (_ pipeline.Options, err error) {
	if o.Log, err = logger(cmd); err != nil {
		return o, err
	}
	if o.Plan, o.Policy, err = compileUnder(f.schemas, c.Policy); err != nil {
		return o, err
	}
	if o.Views, err = claimViews(); err != nil {
		return o, err
	}
	o.Lake, o.ConfigHash = c.Lake.Dir, c.Hash()
	keep, age, err := c.Lake.KeepPages()
	if err != nil {
		return o, err
	}
	o.Archive, o.KeepPages = keep && o.Of == "", age // lines that are loaded again are kept already
	if o.KeepParts, err = c.Lake.KeepParts(); err != nil {
		return o, err
	}
	o.Checks.MaxRejected, o.Checks.MaxDrop, o.Checks.MaxShort, o.Checks.MaxUnbalanced = c.Checks.MaxRejected, c.Checks.MaxDrop, c.Checks.MaxShort, c.Checks.MaxUnbalanced
	if o.Checks.Second, err = c.Checks.Second(); err != nil {
		return o, err
	}
	if o.Checks.Skew, err = c.Checks.Skew(); err != nil {
		return o, err
	}
	if o.Workers = f.workers; o.Workers == 0 {
		o.Workers = c.Limits.Workers
	}
	if o.Audit, err = openTrail(cmd, c); err != nil {
		return o, err
	}
	if o.Keys, err = setup.SealKeys(c.Seal); err != nil {
		return o, usageError{err}
	}
	if o.Hooks, err = setup.Hooks(c.OnPromote); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

// tell writes the report that was asked for, also of a run that failed, and prints that
// of one that did not.
func (f *loadFlags) tell(cmd *cobra.Command, o pipeline.Options, report pipeline.Report, err error) error {
	if f.report != "" && report.Run.ID != "" {
		err = errors.Join(err, writeReport(f.report, report, o.Metrics.Summary(), o.Policy, err))
	}
	if err != nil {
		return err
	}
	if n := o.Policy.Excluded(); n > 0 {
		o.Log.Warn("resources were left out, as the policy says", "resources", n)
	}
	if n := o.Policy.Flagged(); n > 0 {
		o.Log.Info("resources were flagged, as the policy says", "resources", n)
	}
	return printReport(cmd.OutOrStdout(), o.Lake, report)
}

// publish lets the metrics be read as the configuration says, until stop, which writes
// their file.
func publish(ctx context.Context, c config.Metrics, m *metrics.Metrics) (stop func() error, err error) {
	end := func() {}
	if c.Listen != "" {
		if end, err = m.Serve(ctx, c.Listen); err != nil {
			return nil, err
		}
	}
	return func() error {
		end()
		if c.File == "" {
			return nil
		}
		return m.WriteFile(c.File)
	}, nil
}
