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
		Short: "Say what a key file holds, and whether it can be used",
		Long: `Say which algorithm and kid a private key has and who may read its file. Whether its
public half is registered with a server is not to be seen in the file: compare the
kid with the one that was registered, or ask for a token with: claimlake source check`,
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
