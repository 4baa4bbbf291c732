package embedded

import (
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Where the kernel has Landlock and seccomp, the engine is confined, also one for loads.
func TestEngineIsConfined(t *testing.T) {
	if _, err := ll.LandlockGetABIVersion(); err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	s := start(t, Options{})
	if len(s.open) > 0 {
		t.Fatalf("the kernel has Landlock, and: %q", s.open)
	}
	at := newTargets(t)
	for _, sql := range []string{
		"SELECT * FROM file(" + quoteValue(at.file("secret")) + ", 'LineAsString', 'l String')", "SELECT file(" + quoteValue(at.file("secret")) + ")",
		"DESCRIBE TABLE url('http://" + at.tcp + "/x', 'CSV') SETTINGS http_max_tries = 1", "SELECT * FROM executable('cat', 'CSV', 'a String')",
		"INSERT INTO FUNCTION file(" + quoteValue(at.file("out")) + ", 'CSV', 'a String') SELECT '" + secret + "'",
	} {
		if what := at.broke(s.post(t, nil, sql), sql); what != "" {
			t.Errorf("an engine for loads: %s: %s", sql, what)
		}
	}
}
