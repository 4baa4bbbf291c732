package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/pipeline"
)

func newWarehouseFillCmd() *cobra.Command {
	var (
		load  loadFlags
		flags lakeFlags
	)
	cmd := &cobra.Command{
		Use:   "fill",
		Short: "Backfill ClickHouse from the lake",
		Long: `Load into ClickHouse those runs of the lake that it lacks, out of the lake's Parquet
files: runs that were loaded with --parquet-only, or before there was a ClickHouse, or
all of them where its database is a new one. No server is asked, and the lake stays as
it is. Readers see all of the runs at once, and at the end both stores are compared in
all columns. It may be done again at any time; where nothing is missing it only compares.

It is also the way out where ClickHouse was lost or altered, or where its tables differ
from their mappings: name an empty database in warehouse.database (of the embedded
ClickHouse, move LAKE/warehouse away), and fill it.`,
		Example: "  claimlake warehouse fill --lake lake\n  claimlake warehouse fill --config claimlake.yaml",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fillWarehouse(cmd, &load, &flags)
		},
	}
	flags.add(cmd)
	load.addSchemas(cmd)
	return cmd
}

func fillWarehouse(cmd *cobra.Command, load *loadFlags, flags *lakeFlags) (err error) {
	c, err := flags.settings(cmd)
	if err != nil {
		return err
	}
	if c.Warehouse.Mode == "none" {
		return usagef("warehouse.mode is none: there is no ClickHouse to fill")
	}
	obs := newObserver(cmd)
	defer obs.stop()
	o, err := load.options(cmd, c, pipeline.Options{Observer: obs})
	if err != nil {
		return err
	}
	w, err := pipeline.OpenWarehouse(cmd.Context(), c.Warehouse, c.Lake.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	o.Warehouse = w.Store
	allowWarehouse()
	filled, err := pipeline.Fill(cmd.Context(), o)
	obs.stop()
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%d runs loaded, %d rows", filled.Runs, filled.Rows)
	if filled.Runs == 0 {
		said = "ClickHouse lacked no run of the lake"
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s; both stores show the same.\n", said)
	return err
}
