package sof

import (
	"os"
	"testing"
)

func TestCases(t *testing.T) {
	runSuite(t, "testdata")
}

// The SQL on FHIR test suite is not part of this repository: SOF_TESTS names its folder.
func TestSuite(t *testing.T) {
	dir := os.Getenv("SOF_TESTS")
	if dir == "" {
		t.Skip("SOF_TESTS names no folder with the SQL on FHIR test suite")
	}
	runSuite(t, dir)
}

func runSuite(t *testing.T, dir string) {
	t.Helper()
	report, err := RunSuite(dir)
	if err != nil {
		t.Fatal(err)
	}
	failed, total := report.Failed()
	for _, f := range failed {
		t.Error(f)
	}
	t.Logf("%d of %d pass", total-len(failed), total)
}
