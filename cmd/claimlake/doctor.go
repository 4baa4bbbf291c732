package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newDoctorCmd() *cobra.Command {
	var redaction bool
	cmd := &cobra.Command{
		Use:   "doctor --redaction",
		Short: "Show that no patient's data and no secret leaks, on this machine",
		Long: `With --redaction: export a hundred marked values of patients that nobody is, and a
marked secret, from a server within the process that behaves, and that misbehaves in a
dozen ways; load them into Parquet, look at them by the commands that may, at the most
talkative log level; and look for the marks in all that was printed, and in all files (ledger, audit trail,
reports, metrics, temporary ones) but those that are there to hold patients' data. All
of it is in a temporary folder, and goes. The exit code is 1 if anything is found.`,
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
	leaks := 0
	for _, m := range misfortunes() {
		found, err := inFolder(cmd.Context(), m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-28s %d marks seen\n", m.name, len(found)); err != nil {
			return err
		}
		for _, leak := range found {
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), " ", leak); err != nil {
				return err
			}
		}
		leaks += len(found)
	}
	if leaks > 0 {
		return errLeaks
	}
	return nil
}

// inFolder checks one misfortune in a temporary folder, which is that of all temporary
// files meanwhile.
func inFolder(ctx context.Context, m misfortune) (leaks []string, err error) {
	root, err := os.MkdirTemp("", "claimlake-doctor-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	watched := filepath.Join(root, "watched")
	if err := os.MkdirAll(filepath.Join(watched, "tmp"), 0o700); err != nil {
		return nil, err
	}
	before, had := os.LookupEnv("TMPDIR")
	if err := os.Setenv("TMPDIR", filepath.Join(watched, "tmp")); err != nil {
		return nil, err
	}
	defer func() {
		if had {
			err = errors.Join(err, os.Setenv("TMPDIR", before))
		} else {
			err = errors.Join(err, os.Unsetenv("TMPDIR"))
		}
	}()
	c := redactionCheck{dir: watched}
	return c.run(ctx, m)
}
