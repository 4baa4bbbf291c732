package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/ledger"
)

// checkLake reports a folder that is no lake: opening its ledger would make one.
func checkLake(lake string) error {
	if _, err := os.Stat(filepath.Join(lake, ledger.FileName)); err != nil {
		return fmt.Errorf("no lake in %s: %w", lake, err)
	}
	return nil
}

// withLedger opens the ledger of a lake that is there, for as long as do takes.
func withLedger(ctx context.Context, lake string, do func(*ledger.Ledger) error) (err error) {
	if err := checkLake(lake); err != nil {
		return err
	}
	l, err := ledger.Open(ctx, lake)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return do(l)
}
