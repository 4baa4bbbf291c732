package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/pipeline"
)

func newFlattenCmd() *cobra.Command {
	var (
		load    loadFlags
		flags   lakeFlags
		source  string
		include []string
		at      time.Time
	)
	cmd := &cobra.Command{
		Use:   "flatten FILE|DIR...",
		Short: "Load local NDJSON files into Parquet and ClickHouse",
		Long: `Load local NDJSON files without a FHIR server; - is standard input. Compression (gzip,
zstd, bzip2) and UTF-16 are known from the content, the resource type from each line,
whatever the file's name. A file of one resource, an array of them, or Bundles is read,
too, also over several lines: each resource in it counts as a line. Where a file's first
line is a Bundle of deletions (Bulk Data, "deleted"), what it names is deleted.

A folder stands for the .ndjson, .jsonl and .json files below it, compressed or not,
in capital or small letters, and those that --include adds; one that claimlake export
wrote stands for its export. What else is in the folder is listed, and where that
looks like data, the exit code is 3. A file that is named itself is always read.

The rows are then in LAKE/current/<table>/*.parquet and, without --parquet-only,
in ClickHouse (claimlake query). Readers see all of a run or nothing. Lines that
are loaded already are recognised and skipped; bad lines are kept in
LAKE/quarantine and counted, and the exit code is then 3.`,
		Example: `  claimlake flatten export/ --lake lake
  claimlake flatten ExplanationOfBenefit.ndjson.gz --parquet-only
  claimlake flatten spark/ --include 'part-*'
  claimlake flatten export/ --config claimlake.yaml     # into the warehouse configured there
  claimlake flatten old/ --transaction-time 2026-01-31T00:00:00Z`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			files, err := pipeline.OpenLocal(args, include, at)
			if errors.Is(err, filepath.ErrBadPattern) {
				return usagef("--%w", err)
			}
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
	addInclude(cmd, &include)
	cmd.Flags().StringVar(&source, "source", "local", "name of the source, the column _source of every row")
	return cmd
}

// addInclude adds the flag for files of folders that are named as none of NDJSON.
func addInclude(cmd *cobra.Command, include *[]string) {
	cmd.Flags().StringArrayVar(include, "include", nil, "read files of folders, too, whose name matches this pattern, such as 'part-*'; may be given again")
}

// tellUnread lists what commands that only look at files did not read.
func tellUnread(out io.Writer, skipped []extract.Skipped) error {
	for _, s := range skipped {
		if _, err := fmt.Fprintf(out, "not read: %s: %s\n", s.Path, s.Why); err != nil {
			return err
		}
	}
	return nil
}
