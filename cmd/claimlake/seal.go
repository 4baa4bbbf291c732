package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/internal/setup"
)

func newSealCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Manage the encryption keys of archive and quarantine",
	}
	cmd.AddCommand(newSealKeygenCmd(), newSealRotateCmd(), newSealRewrapCmd())
	return cmd
}

func newSealKeygenCmd() *cobra.Command {
	var path, file string
	cmd := &cobra.Command{
		Use:     "keygen --out FILE",
		Short:   "Generate a key set",
		Example: "  claimlake seal keygen --out keys/seal.json   # and name it in claimlake.yaml: seal.key_file",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usagef("--out: name the file to write the key set into")
			}
			kms, err := kmsOf(file)
			if err != nil {
				return err
			}
			text, err := seal.Generate(kms)
			if err != nil {
				return err
			}
			if err := recordKey(cmd, file, "seal.keygen", path); err != nil {
				return err
			}
			if err := writeSecretBelow(path, text); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; keep a copy elsewhere: without it nothing that is sealed can be read back\n", path)
			return err
		},
	}
	cmd.Flags().StringVar(&path, "out", "", "file to write the key set into; never overwritten")
	kmsFlag(cmd, &file)
	return cmd
}

// kmsFlag adds the flag that says which configuration's seal.kms encrypts a key set.
func kmsFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "config", "", "configuration whose seal.kms encrypts the key set and whose audit trail records it")
}

func kmsOf(file string) (tink.AEAD, error) {
	if file == "" {
		return nil, nil
	}
	c, err := config.Load(file)
	if err != nil {
		return nil, usageError{err}
	}
	kms, err := setup.KMS(c.Seal)
	if err != nil {
		return nil, usageError{err}
	}
	return kms, nil
}

func newSealRotateCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "rotate FILE",
		Short: "Add a new primary key",
		Args:  usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			unlock, err := seal.Lock(args[0])
			if err != nil {
				return err
			}
			defer unlock()
			text, err := smart.ReadPrivate(args[0])
			if err != nil {
				return err
			}
			kms, err := kmsOf(file)
			if err != nil {
				return err
			}
			rotated, err := seal.Rotate(text, kms)
			if err != nil {
				return err
			}
			if err := recordKey(cmd, file, "seal.rotate", args[0]); err != nil {
				return err
			}
			if err := durable.Write(args[0], rotated); err != nil {
				return fmt.Errorf("rotate: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has a new key, which seals from now on; keep a new copy elsewhere\n", args[0])
			return err
		},
	}
	kmsFlag(cmd, &file)
	return cmd
}

func newSealRewrapCmd() *cobra.Command {
	var file string
	var forget bool
	cmd := &cobra.Command{
		Use:   "rewrap",
		Short: "Re-encrypt archive and quarantine with the current key",
		Long: `Re-encrypt the archive and quarantine of the configured lake with the primary key, so that
older keys are no longer needed: after claimlake seal rotate, if a key may be compromised.
With --forget, then remove the older keys from seal.key_file; rewrap other lakes that use
the key set first. An interrupted rewrap can be repeated.`,
		Example: "  claimlake seal rotate keys/seal.json\n  claimlake seal rewrap --forget",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			return rewrap(cmd, c, forget)
		},
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	cmd.Flags().BoolVar(&forget, "forget", false, "remove the older keys from seal.key_file afterwards")
	return cmd
}

func rewrap(cmd *cobra.Command, c config.Config, forget bool) error {
	if c.Seal.KeyFile != "" { // no other key may seal until the older ones are forgotten
		unlock, err := seal.Lock(c.Seal.KeyFile)
		if err != nil {
			return usageError{err}
		}
		defer unlock()
	}
	keys, err := setup.SealKeys(c.Seal)
	if err != nil {
		return usageError{err}
	}
	if keys == nil || forget && c.Seal.KeyFile == "" {
		return usagef("seal.key_file: there is no key set to seal with")
	}
	if err := checkLake(c.Lake.Dir); err != nil {
		return err
	}
	if err := recordIn(cmd, c, audit.Event{Action: "seal.rewrap", Object: filepath.Base(c.Seal.KeyFile)}); err != nil {
		return err
	}
	var then pipeline.Forget
	if forget {
		then = func(inUse map[uint32]bool, note func([]uint32) error) error { return forgetKeys(cmd, c, inUse, note) }
	}
	done, err := pipeline.Rewrap(cmd.Context(), c.Lake.Dir, keys, then)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d files of the archive and %d pages in quarantine are sealed with the current key; %d files of the archive were never sealed\n", done.ArchiveFiles, done.QuarantinePages, done.Plain)
	return err
}

// forgetKeys takes out of the configured key set the keys that are not in use.
func forgetKeys(cmd *cobra.Command, c config.Config, inUse map[uint32]bool, note func([]uint32) error) error {
	text, err := smart.ReadPrivate(c.Seal.KeyFile)
	if err != nil {
		return err
	}
	kms, err := setup.KMS(c.Seal)
	if err != nil {
		return err
	}
	text, gone, err := seal.Forget(text, kms, inUse)
	if err != nil {
		return err
	}
	if err := recordIn(cmd, c, audit.Event{Action: "seal.forget", Object: filepath.Base(c.Seal.KeyFile)}); err != nil {
		return err
	}
	if err := note(gone); err != nil {
		return err
	}
	if err := durable.Write(c.Seal.KeyFile, text); err != nil {
		return fmt.Errorf("write the key set: %w", err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has lost %d keys; keep a new copy elsewhere\n", c.Seal.KeyFile, len(gone))
	return err
}

// writeSecretBelow is writeSecret, and makes the folder when it is not there.
func writeSecretBelow(path string, text []byte) error {
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return writeSecret(path, text)
}

// writeSecret writes a secret into a new file, and makes it durable.
func writeSecret(path string, text []byte) error {
	err := durable.Create(path, text)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already, and a key is never overwritten; name another file", path)
	}
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return nil
}
