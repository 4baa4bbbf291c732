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
		Short: "Run the self-tests",
		Long: `With --redaction, test that no patient data and no secret leaks. The test exports a
hundred marked lines of fictional patients from a server inside the process, which
misbehaves in many ways and marks every token, link and message it sends. It loads them
into Parquet and the embedded ClickHouse, sealed and under a privacy policy, and runs
every command that handles patient data or a secret at log level debug. Then it searches
all output, process arguments and files except the tables (ledger, audit trail, archive,
quarantine, reports, metrics, temporary files) for the marks and the generated keys. All
files are in a temporary folder that is removed. The exit code is 1 if a mark is found.`,
		Example: "  claimlake doctor --redaction",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !redaction {
				return usagef("--redaction: say what is to be looked for")
			}
			return checkRedaction(cmd)
		},
	}
	cmd.Flags().BoolVar(&redaction, "redaction", false, "run the redaction self-test")
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
