package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/policy"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// compileUnder is compile, and the policy over what it gives; nil for none.
func compileUnder(dir string, c config.Policy) (*transform.Plan, *policy.Policy, error) {
	spec, key, some, err := setup.Policy(c)
	if err != nil {
		return nil, nil, usageError{err}
	}
	mappings, err := schemas.Load(dir)
	if err != nil {
		return nil, nil, usageError{err}
	}
	if some {
		for _, m := range mappings {
			m.Under(spec.Hash(key))
		}
	}
	plan, err := transform.Compile(mappings)
	if err != nil || !some {
		return plan, nil, err
	}
	p, err := policy.Compile(spec, key, plan.Schemas())
	if err != nil {
		return nil, nil, usageError{err}
	}
	return plan, p, nil
}

func newPolicyCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Inspect the privacy policy and generate its key"}
	cmd.AddCommand(newPolicyCheckCmd(), newPolicyKeygenCmd())
	return cmd
}

func newPolicyCheckCmd() *cobra.Command {
	var file, dir string
	var all bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Show what the policy does to each column",
		Long: `Show what the policy of claimlake.yaml does to each column and by which rule, and which
labels and how many codes exclude or flag whole resources. A pattern that matches no
column, or an action that a column does not support, is a mistake that stops every load.
Unchanged columns are listed only with --all.`,
		Example: "  claimlake policy check\n  claimlake policy check --all | grep patient_address",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			_, p, err := compileUnder(dir, c.Policy)
			if err != nil {
				return err
			}
			if p == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "there is no policy: all columns are loaded as they are")
				return err
			}
			return printPolicy(cmd, p, all)
		},
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	cmd.Flags().StringVar(&dir, "schemas", "", "folder of mappings that add to or replace the built-in ones")
	cmd.Flags().BoolVar(&all, "all", false, "list unchanged columns too")
	return cmd
}

func printPolicy(cmd *cobra.Command, p *policy.Policy, all bool) error {
	columns := p.Columns()
	kept := len(columns)
	if !all {
		columns = slices.DeleteFunc(columns, func(c policy.Column) bool { return c.Action == policy.Keep })
	}
	t := newTable(cmd.OutOrStdout(), "table", "column", "action", "because of")
	for _, c := range columns {
		t.AppendRow(table.Row{c.Table, c.Name, c.Action, c.Why})
	}
	if len(columns) > 0 {
		t.Render()
	}
	lines := p.Resources()
	if !all {
		lines = append(lines, fmt.Sprintf("%d columns are kept as they are", kept-len(columns)))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), line); err != nil {
			return err
		}
	}
	return nil
}

func newPolicyKeygenCmd() *cobra.Command {
	var path, file string
	cmd := &cobra.Command{
		Use:     "keygen --out FILE",
		Short:   "Generate the secret for pseudonyms and date shifts",
		Example: "  claimlake policy keygen --out keys/policy   # and name it in claimlake.yaml: policy.key_file",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usagef("--out: name the file to write the key into")
			}
			if err := recordKey(cmd, file, "policy.keygen", path); err != nil {
				return err
			}
			key := make([]byte, 32)
			_, _ = rand.Read(key) // never fails
			if err := writeSecretBelow(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n")); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; keep a copy elsewhere: with another key the same patient gets another pseudonym\n", path)
			return err
		},
	}
	cmd.Flags().StringVar(&path, "out", "", "file to write the key into; never overwritten")
	trailFlag(cmd, &file)
	return cmd
}
