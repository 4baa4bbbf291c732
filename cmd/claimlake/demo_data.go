package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/synth"
)

func newDemoDataCmd() *cobra.Command {
	var o synth.Options
	var out string
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Write synthetic claims as NDJSON",
		Long: `Write a population of patients with their coverages, claims, explanations of
benefit, encounters, procedures, observations, practitioners and organizations. The
same flags give the same bytes. A patient takes about 1 MB. All people are fictional.`,
		Example: `  claimlake demo data --out day1 --patients 100
  claimlake demo data --out day2 --patients 100 --day 2    # what the next day adds, changes and deletes
  claimlake demo data --out odd --patients 10 --edge-cases`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("--out: name a new folder for the files")
			}
			s, err := synth.Write(cmd.Context(), out, o)
			if err != nil {
				return err
			}
			t := newTable(cmd.OutOrStdout(), "resource", "lines")
			for _, name := range slices.Sorted(maps.Keys(s.Resources)) {
				t.AppendRow(table.Row{name, s.Resources[name]})
			}
			t.Render()
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%.1f MB in %s\n", float64(s.Bytes)/1e6, out)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the files, empty or new")
	cmd.Flags().IntVar(&o.Patients, "patients", 100, "population size")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of the population")
	cmd.Flags().IntVar(&o.Day, "day", 1, "1: the whole population; n: the changes of day n")
	cmd.Flags().BoolVar(&o.EdgeCases, "edge-cases", false, "add partial dates, huge numbers and lines, and odd references")
	return cmd
}
