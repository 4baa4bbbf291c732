package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract/smart"
)

func newKeysGenerateCmd() *cobra.Command {
	var algorithm, path, file string
	cmd := &cobra.Command{
		Use:     "generate --out FILE",
		Short:   "Generate a private key",
		Example: "  claimlake keys generate --out keys/claimlake.pem\n  claimlake keys generate --alg RS384 --out keys/claimlake.pem",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usagef("--out: name the file to write the key into")
			}
			if algorithm != smart.ES384 && algorithm != smart.RS384 {
				return usagef("--alg %s: want %s or %s", algorithm, smart.ES384, smart.RS384)
			}
			if err := recordKey(cmd, file, "keys.generate", path); err != nil {
				return err
			}
			key, err := smart.GenerateKey(algorithm)
			if err != nil {
				return err
			}
			if err := writeKey(path, key); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: %s, kid %s\nregister its public half with the server: claimlake keys jwks %s\n",
				path, key.Algorithm(), key.ID, path)
			return err
		},
	}
	cmd.Flags().StringVar(&algorithm, "alg", smart.ES384, "signature algorithm: ES384 or RS384")
	cmd.Flags().StringVar(&path, "out", "", "file to write the private key into, PEM; never overwritten")
	trailFlag(cmd, &file)
	return cmd
}

// writeKey writes a private key into a new file. A file that was not written
// whole does not stay: it would look like a key.
func writeKey(path string, key *smart.Key) error {
	pem, err := key.PEM()
	if err != nil {
		return err
	}
	return writeSecret(path, pem)
}
