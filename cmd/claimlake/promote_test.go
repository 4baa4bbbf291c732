package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// claimsIn writes so many claims into a folder that is served.
func claimsIn(t *testing.T, dir string, n int) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"resourceType":"Claim","id":"c%d","meta":{"lastUpdated":"2024-01-01T00:00:00Z"},"status":"active"}`+"\n", i)
	}
	put(t, filepath.Join(dir, "Claim.ndjson"), b.String())
}

// Half an export is loaded and not shown. Somebody who knows better can show it, and
// has to say why.
func TestPromoteShowsASyncThatIsHeldBack(t *testing.T) {
	data, client := t.TempDir(), t.TempDir()
	claimsIn(t, data, 40)
	serve := func() string {
		_, url := served(t, fhirtest.Options{Dir: data})
		return url
	}
	config := func(url string) string {
		return put(t, filepath.Join(client, "c.yaml"), "source: {name: payer, url: "+url+"}\nexport: {types: [Claim]}\nwarehouse: {mode: none}\nlake: {dir: "+filepath.Join(client, "lake")+"}\n")
	}
	path := config(serve())
	for range 3 {
		if code, out, problems := command(t, "sync", "--full", "--config", path); code != exitDone {
			t.Fatalf("exit code %d:\n%s%s", code, out, problems)
		}
	}
	claimsIn(t, data, 12)
	path = config(serve())
	code, out, problems := command(t, "sync", "--full", "--config", path)
	if code != exitFailed || !strings.Contains(problems, "volume Claim: 12 lines, where 40 are usual") || !strings.Contains(problems, "claimlake promote --accept 4") {
		t.Fatalf("exit code %d:\n%s%s", code, out, problems)
	}
	for _, wrong := range [][]string{{"--accept", "4"}, {"--reason", "x"}, {"--accept", "1", "--reason", "x"}} {
		if code, _, _ := command(t, append([]string{"promote", "--config", path}, wrong...)...); code == exitDone {
			t.Errorf("promote %q was no error", wrong)
		}
	}
	if code, out, problems := command(t, "promote", "--config", path, "--accept", "4", "--reason", "they left the exchange"); code != exitDone || !strings.Contains(out, "fail: volume Claim") {
		t.Errorf("exit code %d:\n%s%s", code, out, problems)
	}
	code, out, problems = command(t, "runs", "4", "--lake", filepath.Join(client, "lake"))
	if code != exitDone || !strings.Contains(out, "they left the exchange") || !strings.Contains(out, "promoted") || !strings.Contains(out, "12 lines, where 40 are usual") {
		t.Errorf("exit code %d:\n%s%s", code, out, problems)
	}
}
