package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/seal"
)

func newSealCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Make and rotate the keys that archive and quarantine are sealed with",
	}
	cmd.AddCommand(newSealKeygenCmd(), newSealRotateCmd())
	return cmd
}

func newSealKeygenCmd() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:     "keygen --out FILE",
		Short:   "Make a key set, in a file that only its owner may read",
		Example: "  claimlake seal keygen --out keys/seal.json   # and name it in claimlake.yaml: seal.key_file",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usagef("--out: name the file to write the key set into")
			}
			text, err := seal.Generate()
			if err != nil {
				return err
			}
			if err := writeKeySet(path, text); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; keep a copy elsewhere: without it nothing that is sealed can be read back\n", path)
			return err
		},
	}
	cmd.Flags().StringVar(&path, "out", "", "file to write the key set into; never overwritten")
	return cmd
}

func newSealRotateCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate FILE",
		Short: "Add a key that seals from now on; the old ones open what they sealed",
		Args:  usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := smart.ReadPrivate(args[0])
			if err != nil {
				return err
			}
			rotated, err := seal.Rotate(text)
			if err != nil {
				return err
			}
			if err := writeKeySet(args[0]+".new", rotated); err != nil {
				return err
			}
			if err := os.Rename(args[0]+".new", args[0]); err != nil {
				return fmt.Errorf("rotate: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has a new key, which seals from now on; keep a new copy elsewhere\n", args[0])
			return err
		},
	}
}

// writeKeySet writes a key set into a new file, and makes it durable.
func writeKeySet(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the key set: %w", err)
	}
	err := durable.Create(path, text)
	if errors.Is(err, os.ErrExist) {
		return usagef("%s is there already, and a key set is never overwritten; name another file", path)
	}
	if err != nil {
		return fmt.Errorf("write the key set: %w", err)
	}
	return nil
}
