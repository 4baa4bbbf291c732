package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/claimlake/claimlake/internal/audit"
)

const (
	plainCase  = "seal/not-sealed"
	sealedCase = "seal/sealed"
)

// sealing measures what sealing and the audit trail cost: a load that keeps its pages,
// sealed and not, and as many events of the trail as such a load has.
func (o options) sealing(ctx context.Context, file, work string) (result, error) {
	key, config := filepath.Join(work, "seal.json"), filepath.Join(work, "seal.yaml")
	if err := os.Remove(key); err != nil && !errors.Is(err, os.ErrNotExist) {
		return result{}, err
	}
	if out, err := exec.CommandContext(ctx, o.claimlake, "seal", "keygen", "--out", key).CombinedOutput(); err != nil {
		return result{}, fmt.Errorf("seal keygen: %w: %s", err, out)
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, "source: {name: local, url: 'https://fhir.example.org'}\nseal: {key_file: %q}\n", key), 0o600); err != nil {
		return result{}, err
	}
	load := func(more ...string) func(string) []string {
		return func(out string) []string {
			return append([]string{o.claimlake, "flatten", "--parquet-only", "--archive", "forever", "--workers", "2", "--lake", filepath.Join(out, "lake"), file}, more...)
		}
	}
	runs, err := race(ctx, []contender{{plainCase, load()}, {sealedCase, load("--config", config)}}, work, o.runs)
	if err != nil {
		return result{}, err
	}
	events, err := eventsOf(filepath.Join(folder(work, sealedCase), "lake", "audit"))
	if err != nil {
		return result{}, err
	}
	trail, err := recordEvents(filepath.Join(work, "trail"), events)
	if err != nil {
		return result{}, err
	}
	plain, sealed := wall(runs[plainCase]), wall(runs[sealedCase])
	return result{Case: sealedCase, Value: sealed, Unit: "s", Ratio: plain / sealed,
		Note: fmt.Sprintf("not sealed %.2f s; %d events of the trail take %.1f ms; both %.1f %%", plain, events, trail*1000, 100*(max(0, sealed-plain)+trail)/sealed)}, nil
}

// eventsOf counts the events of a trail.
func eventsOf(dir string) (events int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	for _, name := range files {
		text, readErr := os.ReadFile(name)
		err = errors.Join(err, readErr)
		events += bytes.Count(text, []byte{'\n'})
	}
	return events, err
}

// recordEvents writes so many events to a new trail, and gives the seconds.
func recordEvents(dir string, events int) (float64, error) {
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	trail, err := audit.Open(audit.Options{Dir: dir, Version: "bench"})
	if err != nil {
		return 0, err
	}
	start := time.Now()
	for range events {
		if err := trail.Append(audit.Event{Action: "pages.load", Counts: map[string]int64{"pages": 50}}); err != nil {
			return 0, err
		}
	}
	return time.Since(start).Seconds(), nil
}
