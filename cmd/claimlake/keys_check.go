package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract/smart"
)

func newKeysCheckCmd() *cobra.Command {
	var kid string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a key file",
		Long: `Print the algorithm and kid of a private key and who can read its file. To check that the
server knows the key, compare the kid with the registered one or request a token with
claimlake source check.`,
		Example: "  claimlake keys check keys/claimlake.pem",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := smart.LoadKey(args[0], kid)
			if err != nil {
				return err
			}
			st, err := os.Stat(args[0])
			if err != nil {
				return fmt.Errorf("check the key: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "algorithm:  %s\nkid:        %s\nmode:       %#o\nregistered: not to be seen here; ask the server: claimlake source check\n",
				key.Algorithm(), key.ID, st.Mode().Perm())
			return err
		},
	}
	cmd.Flags().StringVar(&kid, "kid", "", "the key's id, where source.auth.key_id gives one or the file has several keys")
	return cmd
}
