package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A collector gets the trace of a run, with its stages; one that refuses costs a warning.
func TestCollectorGetsTheTrace(t *testing.T) {
	var mu sync.Mutex
	var got strings.Builder
	status := http.StatusOK
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		got.WriteString(r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(body))
		w.WriteHeader(status)
	}))
	defer collector.Close()
	dir := t.TempDir()
	token := put(t, filepath.Join(dir, "token"), "t0ken\n")
	config := put(t, filepath.Join(dir, "c.yaml"), "source: {name: p, url: 'https://h'}\nwarehouse: {mode: none}\nlake: {dir: "+filepath.Join(dir, "lake")+"}\ntraces: {url: '"+collector.URL+"/v1/traces', secret_file: "+token+"}\n")
	in := put(t, filepath.Join(dir, "in.ndjson"), goodClaim)
	if code, _, problems := command(t, "flatten", "--config", config, in); code != exitDone || strings.Contains(problems, "trace") {
		t.Fatal(code, problems)
	}
	for _, want := range []string{"/v1/traces Bearer t0ken", "claimlake.run", "stage promote", "service.version"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the collector did not get %q", want)
		}
	}
	mu.Lock()
	status = http.StatusForbidden
	mu.Unlock()
	if code, _, problems := command(t, "flatten", "--config", config, in); code != exitDone || !strings.Contains(problems, "traces.url") || strings.Contains(problems, "t0ken") {
		t.Error(code, problems)
	}
}
