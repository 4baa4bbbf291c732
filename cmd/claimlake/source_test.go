package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

func TestSourceCheckSaysByItsExitCode(t *testing.T) {
	_, url := served(t, fhirtest.Options{Dir: t.TempDir()})
	for name, tc := range map[string]struct {
		url  string
		code int
		says string
	}{
		"a server":                {url, exitDone, "ok    export        declared, Bulk Data 3.0.0 (STU3)"},
		"none":                    {"http://127.0.0.1:1", exitFailed, "fail  url           http://127.0.0.1:1/metadata"},
		"a configuration's fault": {"nowhere", exitUsage, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, filepath.Join(t.TempDir(), "c.yaml"), "source:\n  name: payer\n  url: "+tc.url+"\n")
			code, out, problems := command(t, "source", "check", "--config", path)
			if code != tc.code || !strings.Contains(out, tc.says) {
				t.Errorf("exit code %d, want %d:\n%s%s", code, tc.code, out, problems)
			}
		})
	}
}
