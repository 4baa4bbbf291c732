package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	typesCase     = "types/claimlake"
	unlimitedCase = "types/without-limit"
)

// typesPatients is of how many patients all resources are loaded: some 600 MB.
const typesPatients = "650"

// loadingTypes measures a load of all resource types into both stores, and what the
// limit of memory costs it: many tables at a time hold more than those of one type, and
// a load that holds as much as it may collects garbage all the time.
func (o options) loadingTypes(ctx context.Context, work string) (result, error) {
	data, err := o.typesInput(ctx)
	if err != nil {
		return result{}, err
	}
	load := func(before ...string) func(string) []string {
		return func(out string) []string {
			return append(before, o.claimlake, "flatten", "--workers", "2", "--lake", filepath.Join(out, "lake"), data)
		}
	}
	runs, err := race(ctx, []contender{{typesCase, load()}, {unlimitedCase, load("env", "GOMEMLIMIT=off")}}, work, min(o.runs, maxLoadRuns))
	if err != nil {
		return result{}, err
	}
	ours, unlimited := runs[typesCase], runs[unlimitedCase]
	return result{Case: typesCase, Value: wall(ours), Unit: "s", Ratio: wall(unlimited) / wall(ours),
		Note: fmt.Sprintf("without a limit of memory %.2f s; cpu %.1f s, without %.1f s; peak %.0f MB, without %.0f MB", wall(unlimited), cpu(ours), cpu(unlimited), ownPeak(ours), ownPeak(unlimited))}, nil
}

// typesInput gives the folder with all resources of the patients; the first time it
// writes it.
func (o options) typesInput(ctx context.Context) (string, error) {
	dir := filepath.Join(o.dir, "types-"+typesPatients)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return dir, err
	}
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, o.claimlake, "demo", "data", "--out", part, "--patients", typesPatients).CombinedOutput(); err != nil {
		return "", fmt.Errorf("demo data: %w: %s", err, tail(out))
	}
	return dir, os.Rename(part, dir)
}
