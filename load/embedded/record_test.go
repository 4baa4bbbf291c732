package embedded

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// No statement runs that was not recorded.
func TestStatementsAreRecordedFirst(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	full := false
	s := start(t, Options{Record: func(statement string) error {
		mu.Lock()
		defer mu.Unlock()
		if full {
			return errors.New("no space left on device")
		}
		seen = append(seen, statement)
		return nil
	}})
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			if a := s.post(t, nil, "SELECT 1"); a.body != "1\n" {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	clients.Wait()
	if a := s.post(t, nil, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a"); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	mu.Lock()
	full = true
	if len(seen) != 21 || seen[0] != Fingerprint("SELECT 1") || !strings.HasPrefix(seen[20], "sha256:") || seen[20] == seen[0] {
		t.Errorf("recorded %q", seen)
	}
	mu.Unlock()
	if a := s.post(t, nil, "DROP TABLE t"); a.status == http.StatusOK || !strings.Contains(a.body, "no space left") {
		t.Errorf("not recorded, and run: %d %s", a.status, a.body)
	}
	mu.Lock()
	full = false
	mu.Unlock()
	if a := s.post(t, nil, "SELECT count() FROM t"); a.body != "0\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
