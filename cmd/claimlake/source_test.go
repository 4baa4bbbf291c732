package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

func TestSourceCheckSaysByItsExitCode(t *testing.T) {
	fhir, err := fhirtest.New(fhirtest.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(fhir)
	t.Cleanup(func() {
		web.Close()
		_ = fhir.Close()
	})
	for name, tc := range map[string]struct {
		url  string
		code int
		says string
	}{
		"a server":                {web.URL, exitDone, "ok    export        declared, Bulk Data 3.0.0 (STU3)"},
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
