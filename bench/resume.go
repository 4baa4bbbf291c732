package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// resumedBytes is how large the file is whose export is killed.
const resumedBytes = 2 << 30

// repeat makes a file of at least so many bytes of copies of another, the first time.
func repeat(name, file string, bytes int64) error {
	if st, err := os.Stat(name); err == nil && st.Size() >= bytes {
		return nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	for size := int64(0); size < bytes && err == nil; size += int64(len(content)) {
		_, err = f.Write(content)
	}
	return errors.Join(err, f.Close())
}

// killAt is the share of the bytes after which an export is killed.
const killAt = 0.9

// resuming kills an export of one large file, and measures how long the same command
// takes then, compared with one that is not killed.
func (o options) resuming(ctx context.Context, data, work string) (result, error) {
	url, stop, err := startServer(ctx, data, "identity", 1<<40)
	if err != nil {
		return result{}, err
	}
	defer stop()
	config := filepath.Join(work, "resume.yaml")
	text := fmt.Sprintf("source: {name: bench, url: %q}\nexport: {types: [%s]}\n", url, resourceType)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return result{}, err
	}
	out := filepath.Join(work, "resumed")
	command := []string{o.claimlake, "export", "--config", config, "--to", out}
	var whole, rest []usage
	var size int64
	for range o.runs {
		if err := os.RemoveAll(out); err != nil {
			return result{}, err
		}
		u, err := measure(ctx, command)
		if err != nil {
			return result{}, err
		}
		whole = append(whole, u)
		if size, err = ndjsonBytes(out); err != nil {
			return result{}, err
		}
		if err := errors.Join(os.RemoveAll(out), killed(ctx, command, out, int64(killAt*float64(size)))); err != nil {
			return result{}, err
		}
		if u, err = measure(ctx, command); err != nil {
			return result{}, err
		}
		rest = append(rest, u)
		if again, err := ndjsonBytes(out); err != nil || again != size {
			return result{}, fmt.Errorf("the export that was killed has %d bytes, the other %d: %w", again, size, err)
		}
	}
	return result{Case: "extract/resumed", Value: wall(rest), Unit: "s", Ratio: wall(whole) / wall(rest),
		Note: fmt.Sprintf("killed at 90 %% of one file of %.0f MB; all of it %.2f s; polls are a second apart, also then", float64(size)/1e6, wall(whole))}, nil
}

// killed runs a command until its file has so many bytes, and kills it.
func killed(ctx context.Context, command []string, out string, bytes int64) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	if err := cmd.Start(); err != nil {
		return err
	}
	for {
		parts, err := filepath.Glob(filepath.Join(out, "*.part"))
		if err != nil {
			return err
		}
		for _, part := range parts {
			if st, err := os.Stat(part); err == nil && st.Size() >= bytes {
				err := cmd.Process.Kill()
				_ = cmd.Wait() // it says that it was killed
				return err
			}
		}
		time.Sleep(time.Millisecond)
	}
}
