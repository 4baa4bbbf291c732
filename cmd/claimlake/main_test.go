package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/claimlake/claimlake/load/embedded"
)

// The test binary is also the embedded engine's process.
func TestMain(m *testing.M) {
	embedded.Child()
	code := m.Run()
	for _, end := range afterTests {
		end()
	}
	os.Exit(code)
}

// afterTests removes what tests share.
var afterTests []func()

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("sauce: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want int
	}{
		{"a new configuration", []string{"config", "init", good}, exitDone},
		{"it is valid", []string{"config", "check", good}, exitDone},
		{"never overwritten", []string{"config", "init", good}, exitUsage},
		{"an unknown key", []string{"config", "check", bad}, exitUsage},
		{"an unknown flag", []string{"runs", "--nonsense"}, exitUsage},
		{"too many arguments", []string{"version", "now"}, exitUsage},
		{"no lake", []string{"runs", "--lake", dir}, exitFailed},
	} {
		if got, _, _ := command(t, tc.args...); got != tc.want {
			t.Errorf("%s: exit code %d, want %d", tc.name, got, tc.want)
		}
	}
}
