package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/leak"
	"github.com/claimlake/claimlake/load/embedded"
)

// Whatever a server does, and however much is logged, no value of a patient and no
// secret is seen where it has no business.
func TestNothingLeaks(t *testing.T) {
	_, missing := embedded.Locate("")
	if missing != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") != "" {
		t.Fatal(missing)
	}
	if missing == nil {
		newLake(t, filepath.Join(t.TempDir(), "lake")) // made where it stays after this test
	}
	temp := t.TempDir() // of all of them: an environment cannot be each one's own
	t.Setenv("TMPDIR", temp)
	var mu sync.Mutex
	marks := leak.Marks{}
	t.Run("all", func(t *testing.T) { // returns once those that wait are done
		for _, m := range misfortunes() {
			t.Run(m.name, func(t *testing.T) {
				if m.faults != nil {
					t.Parallel()
				}
				c, err := newRedactionCheck(filepath.Join(t.TempDir(), "check"), missing == nil)
				if err != nil {
					t.Fatal(err)
				}
				if m.faults == nil && c.engine {
					newLake(t, c.lake)
				}
				if err := c.run(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				for _, leak := range c.leaks {
					t.Error(leak)
				}
				if m.faults == nil && c.secrets < 100 {
					t.Errorf("claimlake had %d secrets only", c.secrets)
				}
				if m.faults == nil && c.engine && c.children == 0 && runtime.GOOS == "linux" {
					t.Error("the engine's process was not seen")
				}
				mu.Lock()
				defer mu.Unlock()
				marks = append(marks, c.marks...)
			})
		}
	})
	left, err := marks.Files(temp, "TestNothingLeaks*", "fhir-server-*", "claimlake-test-*")
	if err != nil || len(marks) == 0 {
		t.Fatal(len(marks), err)
	}
	for _, path := range left {
		t.Error("left in", path)
	}
}

// unwatched are commands that have neither a patient's data nor a secret.
var unwatched = map[string]bool{
	"demo": true, "demo data": true, "demo server": true, // synthetic, and never the user's
	"doctor": true, // the check itself
}

// A new command is watched too.
func TestEveryCommandIsWatched(t *testing.T) {
	c := &redactionCheck{engine: true}
	seen := map[string]bool{"warehouse": true, "ledger rebuild": true} // reader and rebuild run them
	for _, w := range slices.Concat(c.preparing(), c.loading(), c.accepting(), c.looking()) {
		seen[w.args[0]] = true
		seen[strings.Join(w.args[:min(2, len(w.args))], " ")] = true
	}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		name := strings.TrimPrefix(cmd.CommandPath(), "claimlake ")
		if cmd.Runnable() && !isParent(cmd) && !seen[name] && !unwatched[name] {
			t.Errorf("%s is not watched", name)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRootCmd())
}
