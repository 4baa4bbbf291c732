package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/load/embedded"
)

func newDoctorCmd() *cobra.Command {
	var redaction bool
	cmd := &cobra.Command{
		Use:   "doctor --redaction",
		Short: "Show that no patient's data and no secret leaks, on this machine",
		Long: `With --redaction: export a hundred marked lines of patients that nobody is from a
server within the process, which behaves, and misbehaves in many ways, and marks a
hundred secrets (tokens, links) and all that it says; load them into Parquet and the
embedded ClickHouse, sealed and under a policy; use every command that sees patients'
data or a secret, at the most talkative log level; and look for the marks, and for the
generated keys, in all that was printed, in the processes' arguments, and in all files
(ledger, audit trail, archive, quarantine, reports, metrics, temporary ones) but the
tables. All of it is in a temporary folder, and goes. The exit code is 1 if anything
is found.`,
		Example: "  claimlake doctor --redaction",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !redaction {
				return usagef("--redaction: say what is to be looked for")
			}
			return checkRedaction(cmd)
		},
	}
	cmd.Flags().BoolVar(&redaction, "redaction", false, "look for what must not be seen")
	return cmd
}

// errLeaks says that something was found.
var errLeaks = errors.New("marked values were seen where they have no business: do not load patients' data with this build")

func checkRedaction(cmd *cobra.Command) error {
	_, missing := embedded.Locate("")
	leaks := 0
	for _, m := range misfortunes() {
		c, err := inFolder(cmd.Context(), m, missing == nil)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-28s %3d secrets, %d marks seen\n", m.name, c.secrets, len(c.leaks)); err != nil {
			return err
		}
		for _, leak := range c.leaks {
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), " ", leak); err != nil {
				return err
			}
		}
		leaks += len(c.leaks)
	}
	if leaks > 0 {
		return errLeaks
	}
	if missing != nil {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "without ClickHouse:", missing)
		return err
	}
	return nil
}

// inFolder checks one misfortune in a temporary folder, which is that of all temporary
// files meanwhile.
func inFolder(ctx context.Context, m misfortune, engine bool) (c *redactionCheck, err error) {
	root, err := os.MkdirTemp("", "claimlake-doctor-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	if c, err = newRedactionCheck(root, engine); err != nil {
		return nil, err
	}
	before, had := os.LookupEnv("TMPDIR")
	if err := os.Setenv("TMPDIR", c.temp()); err != nil {
		return nil, err
	}
	defer func() {
		if had {
			err = errors.Join(err, os.Setenv("TMPDIR", before))
		} else {
			err = errors.Join(err, os.Unsetenv("TMPDIR"))
		}
	}()
	return c, c.run(ctx, m)
}
