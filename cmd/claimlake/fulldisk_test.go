package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/claimlake/claimlake/internal/durable"
)

// noSpace is a disk that holds no more bytes.
type noSpace struct{}

func (noSpace) Before(op durable.Op) error {
	if op.Kind == durable.Wrote {
		return &durable.Short{N: len(op.Data) / 2, Err: syscall.ENOSPC}
	}
	return nil
}

func (noSpace) After(durable.Op) {}

// A file that a command cannot write whole does not stay, and the message names it.
func TestFullDiskUnderFilesOfCommands(t *testing.T) {
	data, full := t.TempDir(), t.TempDir()
	in := put(t, filepath.Join(data, "Claim.ndjson"), `{"resourceType":"Claim","id":"1","item":[{"sequence":1}]}`+"\n")
	stop := durable.Watch(full, noSpace{})
	defer stop()
	for name, args := range map[string][]string{
		"configuration": {"config", "init"},
		"signing key":   {"keys", "generate", "--out"},
		"sealing key":   {"seal", "keygen", "--out"},
		"policy key":    {"policy", "keygen", "--out"},
		"report.json":   {"flatten", "--parquet-only", "--lake", filepath.Join(data, "lake"), in, "--report"},
	} {
		path := filepath.Join(full, name)
		code, out, problems := command(t, append(args, path)...)
		if code != exitFailed || !strings.Contains(problems, "the disk of "+full) || !strings.Contains(problems, "free some space there") {
			t.Errorf("%s: exit code %d\n%s%s", name, code, out, problems)
		}
		if entries, err := os.ReadDir(full); err != nil || len(entries) > 0 {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
	}
}

// Whatever a command prints, where it cannot be written the command fails and names the
// place: a list that somebody reads later must not be short without a word.
func TestFullDiskUnderWhatIsPrinted(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	dir := t.TempDir()
	in := put(t, filepath.Join(dir, "Claim.ndjson"), `{"resourceType":"Claim","id":"1","item":[{"sequence":1}]}`+"\n")
	lake := filepath.Join(dir, "lake")
	if code, out, problems := command(t, "flatten", "--lake", lake, "--parquet-only", in); code != exitDone {
		t.Fatal(out, problems)
	}
	for _, line := range []string{
		"version", "help", "runs --lake " + lake, "lake verify --lake " + lake, "schema", "schema claim", "coverage " + in,
		"flatten --parquet-only --lake " + lake + " " + in, "config init " + filepath.Join(dir, "c.yaml"),
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		var problems bytes.Buffer
		code := runOn(t.Context(), strings.Fields(line), full, &problems)
		if err := full.Close(); err != nil {
			t.Fatal(err)
		}
		if said := problems.String(); code == exitDone || !strings.Contains(said, "the disk of /dev/full is full: free some space there and run the same command again") {
			t.Errorf("%s: exit code %d: %s", line, code, said)
		}
	}
}
