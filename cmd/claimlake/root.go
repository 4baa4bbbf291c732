package main

import (
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/strictyaml"
)

// commandGroup is a heading of the help and the commands below it.
type commandGroup struct {
	id, title string
	commands  []*cobra.Command
}

func groups() []commandGroup {
	return []commandGroup{
		{"start", "Get started:", []*cobra.Command{newDemoCmd(), newConfigCmd(), newSourceCmd()}},
		{"load", "Load:", []*cobra.Command{newSyncCmd(), newResumeCmd(), newCancelCmd(), newPromoteCmd(), newFlattenCmd(), newReflattenCmd(), newExportCmd()}},
		{"query", "Query:", []*cobra.Command{newQueryCmd(), newWarehouseCmd(), newSchemaCmd(), newViewCmd()}},
		{"inspect", "Inspect:", []*cobra.Command{newRunsCmd(), newTraceCmd(), newCoverageCmd(), newQuarantineCmd(), newAuditCmd(), newDoctorCmd()}},
		{"repair", "Repair:", []*cobra.Command{newLakeCmd(), newLedgerCmd(), newHooksCmd()}},
		{"keys", "Keys and privacy:", []*cobra.Command{newKeysCmd(), newSealCmd(), newPolicyCmd()}},
	}
}

func newRootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:           "claimlake",
		Short:         "Load FHIR Bulk Data claims into Parquet and ClickHouse",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	logFlags(root)
	for _, g := range groups() {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, cmd := range g.commands {
			cmd.GroupID = g.id
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(newVersionCmd())
	strict(root)
	return root
}

// strict makes an unknown command a usage error, at every level. Cobra knows of one at
// the first only.
func strict(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		strict(sub)
	}
	if !cmd.HasSubCommands() || cmd.Runnable() {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, sub := range cmd.Commands() {
			known = append(known, sub.Name())
		}
		return usagef("unknown command %q for %q%s", args[0], cmd.CommandPath(), strictyaml.Nearest(args[0], known))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.Annotations = map[string]string{parent: "only"}
}

// parent marks a command that does nothing but show the help of those below it.
const parent = "parent"

func isParent(cmd *cobra.Command) bool { return cmd.Annotations[parent] != "" }

// usage makes the argument check of a command a usage error.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
