package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
)

const defaultConfig = "claimlake.yaml"

func newConfigCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Write and check claimlake.yaml",
	}
	cmd.AddCommand(newConfigInitCmd(), newConfigCheckCmd())
	return cmd
}

func newConfigInitCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "init [FILE]",
		Short:   "Write a commented claimlake.yaml",
		Example: "  claimlake config init\n  claimlake config init payer.yaml",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := fileArg(args)
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if errors.Is(err, os.ErrExist) {
				return usageError{fmt.Errorf("%s is there already; name another file", path)}
			}
			if err != nil {
				return fmt.Errorf("write configuration: %w", err)
			}
			_, err = f.WriteString(config.Example)
			if err := errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("write %s: %w", path, err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; edit it, then: claimlake config check %s\n", path, path)
			return err
		},
	}
}

func newConfigCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a claimlake.yaml and list every mistake with line and column",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := fileArg(args)
			if err := config.CheckFiles(path); err != nil {
				return usageError{err}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is valid\n", path)
			return err
		},
	}
}

func fileArg(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return defaultConfig
}
