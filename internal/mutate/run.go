package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
)

// What a run of a mutation's test shows.
var (
	errSurvived = errors.New("SURVIVED: no test fails without this guard")
	errNoTest   = errors.New("there is no such test")
	errBuild    = errors.New("the code does not compile")
	errBefore   = errors.New("the test fails with the guard, too")
)

// repository is where mutations are tried.
type repository struct{ root string }

// survey runs a mutation's test on the code as it is: it must be there, and pass.
func (r repository) survey(ctx context.Context, m mutation) error {
	out, err := r.test(ctx, m, "")
	switch {
	case strings.Contains(out, "no tests to run") || strings.Contains(out, "[no test files]"):
		return fmt.Errorf("%w: %s in %s", errNoTest, m.test, m.pkg)
	case err != nil:
		return fmt.Errorf("%w: %w\n%s", errBefore, err, out)
	}
	return nil
}

// kill takes the guard out, and reports an error unless a test fails for it.
func (r repository) kill(ctx context.Context, m mutation) error {
	files, err := m.apply(r.root)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "claimlake-mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // temporary
	overlay, err := writeOverlay(dir, files)
	if err != nil {
		return err
	}
	out, err := r.test(ctx, m, overlay)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return errSurvived
	case strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") || !strings.Contains(out, "FAIL"):
		return fmt.Errorf("%w: %w\n%s", errBuild, err, out)
	}
	return nil
}

// writeOverlay writes files below dir, and the list that the go command wants of them.
func writeOverlay(dir string, files map[string]string) (string, error) {
	replace := map[string]string{}
	for path, text := range files {
		replace[path] = filepath.Join(dir, fmt.Sprint(len(replace), "-", filepath.Base(path)))
		if err := os.WriteFile(replace[path], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, errors.Join(err, os.WriteFile(overlay, list, 0o600))
}

// test runs the tests of a mutation; overlay is "" for the code as it is.
func (r repository) test(ctx context.Context, m mutation, overlay string) (string, error) {
	args := []string{"test", "-count=1", "-vet=off", "-timeout=15m", "-run", m.test, m.pkg}
	if r.drawsCases(m.pkg) {
		args = append(args, "-rapid.nofailfile") // they would be written next to the test
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = r.root
	if overlay != "" { // in the environment, for what a test builds itself
		cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// drawsCases reports whether tests of a package are properties of rapid's.
func (r repository) drawsCases(pkg string) bool {
	tests, _ := durable.Glob(filepath.Join(r.root, filepath.FromSlash(pkg)), "*_test.go")
	for _, name := range tests {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), `"pgregory.net/rapid"`) {
			return true
		}
	}
	return false
}
