package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
)

// lakeFlags say which lake is meant, and which warehouse goes with it.
type lakeFlags struct {
	lake, config string
	archive      string
	parquetOnly  bool
}

func (f *lakeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.lake, "lake", "lake", "lake folder")
	cmd.Flags().StringVar(&f.config, "config", "", "claimlake.yaml to take the lake and the warehouse from")
}

func (f *lakeFlags) addParquetOnly(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.parquetOnly, "parquet-only", false, "write Parquet only, no ClickHouse")
}

func (f *lakeFlags) addArchive(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.archive, "archive", "", "how long to archive the lines for reflatten and trace: none, forever, or days such as 90d (default: as configured, else none)")
}

// settings are the configuration's, with what the flags say instead.
func (f *lakeFlags) settings(cmd *cobra.Command) (config.Config, error) {
	c, err := configOrDefault(f.config)
	if cmd.Flags().Changed("lake") || f.config == "" {
		c.Lake.Dir = f.lake
	}
	if f.archive != "" {
		c.Lake.Archive = f.archive
		if _, _, archiveErr := c.Lake.KeepPages(); archiveErr != nil {
			return c, usagef("--archive %s: %w", f.archive, archiveErr)
		}
	}
	if f.parquetOnly {
		c.Warehouse.Mode = "none"
	}
	return c, err
}

func configOrDefault(file string) (config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	c, err := config.Load(file)
	if err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// open opens the warehouse that was loaded before, to read it.
func (f *lakeFlags) open(cmd *cobra.Command) (*pipeline.Warehouse, error) {
	c, err := f.settings(cmd)
	if err != nil {
		return nil, err
	}
	if c.Warehouse.Mode == "none" {
		return nil, usagef("warehouse.mode is none: there is nothing to query but the Parquet files in %s/current", c.Lake.Dir)
	}
	if _, err := os.Stat(pipeline.WarehouseDir(c.Lake.Dir)); c.Warehouse.Mode == "embedded" && err != nil {
		return nil, fmt.Errorf("the lake %s has no warehouse: claimlake warehouse fill loads it into one: %w", c.Lake.Dir, err)
	}
	return pipeline.OpenReader(cmd.Context(), c.Warehouse, c.Lake.Dir)
}
