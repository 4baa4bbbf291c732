package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

// noTime is the since of an export of everything.
var noTime time.Time

func newCancelCmd() *cobra.Command {
	var (
		file, schemas string
		force         bool
	)
	cmd := &cobra.Command{
		Use:   "cancel [RUN]",
		Short: "Cancel an interrupted sync and its export",
		Long: `Cancel an interrupted sync: send the export's DELETE to the server, then remove the rows
the run loaded. Readers never saw them. RUN is a run number or the beginning of a run id;
omit it if only one run is unfinished.`,
		Example: "  claimlake cancel\n  claimlake cancel 7 --force      # the server is gone for good",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			run, err := interrupted(cmd.Context(), c.Lake.Dir, strings.Join(args, ""))
			if err != nil {
				return err
			}
			if err := cancel(cmd, c, schemas, run, force); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "run %d is cancelled, and nothing is left of it\n", run.Number)
			return err
		},
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file of the sync")
	cmd.Flags().StringVar(&schemas, "schemas", "", "folder of the mappings of the sync")
	cmd.Flags().BoolVar(&force, "force", false, "cancel the run even if the server cannot be reached")
	return cmd
}

func cancel(cmd *cobra.Command, c config.Config, schemas string, run ledger.Run, force bool) (err error) {
	log, err := logger(cmd)
	if err != nil {
		return err
	}
	o := pipeline.Options{Lake: c.Lake.Dir, Source: run.Source, Log: log, Observer: newObserver(cmd)}
	if o.Plan, err = compile(schemas); err != nil {
		return err
	}
	if o.Audit, err = openTrail(cmd, c); err != nil {
		return err
	}
	if o.Keys, err = setup.SealKeys(c.Seal); err != nil {
		return usageError{err}
	}
	server, err := newRemote(cmd.Context(), c, setup.Export(c.Export, o.Plan, noTime), true, agent(o))
	if err != nil {
		return err
	}
	w, err := pipeline.OpenWarehouse(cmd.Context(), c.Warehouse, c.Lake.Dir)
	if err != nil {
		return err
	}
	if w != nil {
		defer func() { err = errors.Join(err, w.Close()) }()
		o.Warehouse = w.Store
	}
	return pipeline.Cancel(cmd.Context(), o, run.ID, func(ctx context.Context, job extract.Job) error {
		err := server.Cancel(ctx, job)
		if err != nil && force {
			log.Warn("the server could not be told", "run", run.ID, "error", err)
			return nil
		}
		return err
	})
}
