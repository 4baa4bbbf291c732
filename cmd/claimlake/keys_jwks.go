package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract/smart"
)

func newKeysJWKSCmd() *cobra.Command {
	var kid string
	cmd := &cobra.Command{
		Use:   "jwks FILE...",
		Short: "Print public keys as a JSON Web Key Set",
		Long: `Print the public keys of private key files as a JSON Web Key Set (RFC 7517). To rotate a
key, pass the old and the new file: the set contains both.`,
		Example: "  claimlake keys jwks keys/claimlake.pem > jwks.json\n  claimlake keys jwks keys/2026.pem keys/2027.pem > jwks.json",
		Args:    usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if kid != "" && len(args) > 1 {
				return usagef("--kid: goes with one file")
			}
			set, err := publicKeys(args, kid)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(set)
			return err
		},
	}
	cmd.Flags().StringVar(&kid, "kid", "", "the key's id, where source.auth.key_id gives one")
	return cmd
}

// publicKeys is the key set of the files. Two keys of one id are refused: a
// server could not tell which of them signed.
func publicKeys(paths []string, kid string) ([]byte, error) {
	var keys []*smart.Key
	seen := map[string]string{}
	for _, path := range paths {
		key, err := smart.LoadKey(path, kid)
		if err != nil {
			return nil, err
		}
		if other, twice := seen[key.ID]; twice {
			return nil, fmt.Errorf("%s and %s have the same kid %s: give each key once", other, path, key.ID)
		}
		seen[key.ID] = path
		keys = append(keys, key)
	}
	return smart.PublicJWKS(keys...)
}
