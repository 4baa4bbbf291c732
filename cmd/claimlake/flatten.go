package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/pipeline"
)

func newFlattenCmd() *cobra.Command {
	var (
		load   loadFlags
		flags  lakeFlags
		source string
		at     time.Time
	)
	cmd := &cobra.Command{
		Use:   "flatten FILE|DIR...",
		Short: "Load local NDJSON files into Parquet and ClickHouse",
		Long: `Load local NDJSON files, plain, gzip or zstd, without a FHIR server. The
resource type is read from each line, whatever the file's name. A folder stands
for the .ndjson, .jsonl and .json files below it (also with .gz or .zst); one that
claimlake export wrote stands for its export. Where a file's first line is a Bundle of
deletions (Bulk Data, "deleted"), what it names is deleted.

The rows are then in LAKE/current/<table>/*.parquet and, without --parquet-only,
in ClickHouse (claimlake query). Readers see all of a run or nothing. Lines that
are loaded already are recognised and skipped; bad lines are kept in
LAKE/quarantine and counted, and the exit code is then 3.`,
		Example: `  claimlake flatten export/ --lake lake
  claimlake flatten ExplanationOfBenefit.ndjson.gz --parquet-only
  claimlake flatten export/ --config claimlake.yaml     # into the warehouse configured there
  claimlake flatten old/ --transaction-time 2026-01-31T00:00:00Z`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			files, err := pipeline.OpenLocal(cmd.Context(), args, at)
			if err != nil {
				return err
			}
			o := pipeline.Options{Source: source, Kind: "flatten"}
			return load.run(cmd, c, o, func(*pipeline.Options) (pipeline.Source, error) { return files, nil })
		},
	}
	load.add(cmd)
	flags.add(cmd)
	flags.addParquetOnly(cmd)
	flags.addArchive(cmd)
	cmd.Flags().TimeVar(&at, "transaction-time", time.Time{}, []string{time.RFC3339}, "when the files were exported: what deletions, and resources without meta.lastUpdated, are ranked by (default: as claimlake export noted, else now)")
	cmd.Flags().StringVar(&source, "source", "local", "name of the source, the column _source of every row")
	return cmd
}
