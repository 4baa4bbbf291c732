package main

import (
	"github.com/spf13/cobra"
)

func newKeysCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Manage SMART client keys",
		Long: `Manage the keys of SMART Backend Services. The private key stays on this machine;
register the public key with the server as a JSON Web Key Set.`,
		Example: `  claimlake keys generate --out keys/claimlake.pem
  claimlake keys jwks keys/claimlake.pem > jwks.json    # to register with the server
  claimlake keys check keys/claimlake.pem`,
	}
	cmd.AddCommand(newKeysGenerateCmd(), newKeysJWKSCmd(), newKeysCheckCmd())
	return cmd
}
