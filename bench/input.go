package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/synth"
)

const resourceType = "ExplanationOfBenefit"

// Sizes of inputs, bytes.
const (
	inputBytes = 300 << 20
	bigBytes   = 1000 << 20
)

// seed makes everybody's input the same.
const seed = 1

// input gives the file of synthetic ExplanationOfBenefits of at least so many bytes
// in dir; the first time it writes it.
func input(dir string, bytes int64) (string, error) {
	name := filepath.Join(dir, fmt.Sprintf("eob-%d.ndjson", bytes>>20))
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "eob-*.part")
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // closed below where it matters
	w := bufio.NewWriterSize(f, 1<<20)
	if err := synth.EOBs(w, bytes, seed); err != nil {
		return "", err
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return name, os.Rename(f.Name(), name)
}
