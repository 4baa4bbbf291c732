package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
)

// openTrail opens the audit trail of the configured lake.
func openTrail(cmd *cobra.Command, c config.Config) (*audit.Trail, error) {
	return pipeline.OpenTrail(cmd.Context(), c.Lake.Dir, purposeOf(cmd, c), version)
}

// purposeOf is the purpose of use: that of the flag, or the configuration's.
func purposeOf(cmd *cobra.Command, c config.Config) string {
	if purpose, _ := cmd.Flags().GetString("purpose"); purpose != "" {
		return purpose
	}
	return c.Audit.Purpose
}

// record adds an event to the audit trail of the lake that the flags say.
func (f *lakeFlags) record(cmd *cobra.Command, e audit.Event) error {
	c, err := f.settings(cmd)
	if err != nil {
		return err
	}
	return recordIn(cmd, c, e)
}

func recordIn(cmd *cobra.Command, c config.Config, e audit.Event) error {
	trail, err := openTrail(cmd, c)
	if err != nil {
		return err
	}
	if err := trail.Append(e); err != nil {
		return err
	}
	return pipeline.NoteTrail(cmd.Context(), c.Lake.Dir, trail)
}

// trailFlag adds the flag that says whose trail records what is done with a key.
func trailFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "config", "", "configuration whose audit trail records it")
}

// recordKey records what is done with a key in the trail of the lake that the
// configuration names, if there is one.
func recordKey(cmd *cobra.Command, file, action, path string) error {
	if file == "" {
		return nil
	}
	c, err := config.Load(file)
	if err != nil {
		return usageError{err}
	}
	return recordIn(cmd, c, audit.Event{Action: action, Object: filepath.Base(path)})
}

// agent is claimlake, asking a server for what o says.
func agent(o pipeline.Options) pipeline.Agent {
	return pipeline.Agent{Observer: o.Observer, Log: o.Log, Metrics: o.Metrics, UserAgent: "claimlake/" + version, Audit: o.Audit}
}
