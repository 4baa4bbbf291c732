package main

import (
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
)

func newHooksCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hooks",
		Short: "List and send pending notifications",
	}
	cmd.AddCommand(newHooksListCmd(), newHooksDeliverCmd())
	return cmd
}

func newHooksListCmd() *cobra.Command {
	var lake string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List pending notifications",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLedger(cmd.Context(), lake, func(l *ledger.Ledger) error {
				messages, err := l.Outbox(cmd.Context())
				if err != nil {
					return err
				}
				if len(messages) == 0 {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "all messages are delivered")
					return err
				}
				t := newTable(cmd.OutOrStdout(), "run", "hook", "attempts", "last failure")
				for _, m := range messages {
					t.AppendRow(table.Row{m.Run, m.Hook, m.Attempts, m.Error})
				}
				t.Render()
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&lake, "lake", "lake", "lake folder")
	return cmd
}

func newHooksDeliverCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "deliver",
		Short: "Send pending notifications now",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			hooks, err := setup.Hooks(c.OnPromote)
			if err != nil {
				return usageError{err}
			}
			trail, err := openTrail(cmd, c)
			if err != nil {
				return err
			}
			return withLedger(cmd.Context(), c.Lake.Dir, func(l *ledger.Ledger) error {
				n, err := pipeline.Deliver(cmd.Context(), l, hooks, trail)
				_, printed := fmt.Fprintf(cmd.OutOrStdout(), "%d messages delivered\n", n)
				return errors.Join(err, printed)
			})
		},
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	return cmd
}
