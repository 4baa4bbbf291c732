package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/durable"
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
			err := durable.Create(path, []byte(config.Example))
			if errors.Is(err, fs.ErrExist) {
				return usageError{fmt.Errorf("%s is there already; name another file", path)}
			}
			if err != nil {
				return fmt.Errorf("write configuration: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; edit it, then: claimlake config check %s\n", path, path)
			return err
		},
	}
}

func newConfigCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a claimlake.yaml and the files it names, and list every mistake with line and column",
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
