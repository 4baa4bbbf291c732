package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/transform"
)

func newExportCmd() *cobra.Command {
	var file, dir string
	cmd := &cobra.Command{
		Use:   "export --to DIR",
		Short: "Export to NDJSON files without loading them",
		Long: `Start a bulk export on the server of claimlake.yaml and store its files unchanged. Repeat
the command to resume an interrupted export. The export is deleted on the server once all
files are durable. The folder has an audit trail of its own. The exit code is 1 where a
file has less than was announced, or the server reports that it could not export all.`,
		Example: "  claimlake export --to files\n  claimlake flatten files/output-*.ndjson   # load them later",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return usagef("--to: name the folder to write the files into")
			}
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			return exportFiles(cmd, c, dir)
		},
	}
	cmd.Flags().StringVar(&dir, "to", "", "folder for the files")
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	return cmd
}

func exportFiles(cmd *cobra.Command, c config.Config, dir string) error {
	log, err := logger(cmd)
	if err != nil {
		return err
	}
	export, err := exportOf(c)
	if err != nil {
		return err
	}
	obs := newObserver(cmd)
	defer obs.stop()
	if err := pipeline.CheckSaved(c.Lake.Dir, dir, request(export)); err != nil {
		return err
	}
	trail, err := openTrail(cmd, c)
	if err != nil {
		return err
	}
	if err := trail.Append(audit.Event{Action: "export.files", Config: c.Hash(), Source: c.Source.Name, Types: export.Types, Object: request(export)}); err != nil {
		return err
	}
	server, err := pipeline.NewServer(c, export, agent(pipeline.Options{Observer: obs, Log: log, Audit: trail}))
	if err != nil {
		return err
	}
	n, err := server.Save(cmd.Context(), dir, request(export), c.Limits.Downloads)
	obs.stop()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d files in %s\n", n, dir)
	return err
}

// exportOf is what is asked for. Only where the configuration leaves that to the
// mappings are they read.
func exportOf(c config.Config) (extract.Export, error) {
	var plan *transform.Plan
	if len(c.Export.Types) == 0 || c.Export.Elements.FromMappings() {
		var err error
		if plan, err = compile(""); err != nil {
			return extract.Export{}, err
		}
	}
	return setup.Export(c.Export, plan, time.Time{}), nil
}
