package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/coverage"
)

func newCoverageCmd() *cobra.Command {
	var dir string
	var sample int
	var include []string
	var least float64
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "coverage FILE|DIR...",
		Short: "Show which resource elements reach a column",
		Long: `Flatten files, read as claimlake flatten reads them, without loading them, and count by
resource type and path how many values (strings, numbers, booleans) reach a column.
Unmapped paths come first.

A value that a path selects by, such as an extension's url, counts with the value it
selects; a display counts with its code. The narrative (text.div and text.status) is
counted separately.`,
		Example: `  claimlake coverage export/
  claimlake coverage export/ --sample 1000 --min 95          # exit code 1 below 95 %
  claimlake coverage Claim.ndjson.gz --schemas mappings/ --json`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := compile(dir)
			if err != nil {
				return err
			}
			tally := coverage.NewTally(plan)
			files, err := extract.ListLocal(args, include)
			if err != nil {
				return err
			}
			if err := tellUnread(cmd.ErrOrStderr(), files.Skipped); err != nil {
				return err
			}
			if err := tallyFiles(cmd.Context(), tally, files.Files, sample); err != nil {
				return err
			}
			show := printCoverage
			if asJSON {
				show = printCoverageJSON
			}
			if err := show(cmd.OutOrStdout(), tally); err != nil {
				return err
			}
			return atLeast(tally.Types(), least)
		},
	}
	cmd.Flags().StringVar(&dir, "schemas", "", "folder of mappings that add to or replace the built-in ones")
	cmd.Flags().IntVar(&sample, "sample", 0, "read only the first `N` lines of each file (default all)")
	cmd.Flags().Float64Var(&least, "min", 0, "fail if the share of a resource type is lower, in percent")
	addInclude(cmd, &include)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// tallyFiles counts the lines of all files, of each at most sample unless that is 0.
func tallyFiles(ctx context.Context, tally *coverage.Tally, files []extract.LocalFile, sample int) error {
	buffers := extract.NewBuffers(1)
	for _, file := range files {
		if err := tallyFile(ctx, tally, file, sample, buffers); err != nil {
			return err
		}
	}
	return nil
}

func tallyFile(ctx context.Context, tally *coverage.Tally, file extract.LocalFile, sample int, buffers *extract.Buffers) error {
	n := 0
	for page, err := range file.Pages(ctx, buffers) {
		if err != nil {
			return err
		}
		for line := range bytes.Lines(page.Data) {
			if n++; sample > 0 && n > sample {
				return nil
			}
			tally.Add(line)
		}
		buffers.Put(page)
	}
	return nil
}

// atLeast fails for each resource type whose share is lower than least.
func atLeast(types []coverage.Type, least float64) error {
	var problems []error
	for _, t := range types {
		if t.Share() < least {
			problems = append(problems, fmt.Errorf("%s: %.1f %% of its values reach a column, less than %g %%: map the paths listed first, or keep them with extras: keep", t.Resource, t.Share(), least))
		}
	}
	return errors.Join(problems...)
}
