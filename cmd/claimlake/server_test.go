package main

import (
	"net/http/httptest"
	"testing"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// served runs a FHIR server until the test ends, and gives its base URL.
func served(t *testing.T, o fhirtest.Options) (fhir *fhirtest.Server, url string) {
	t.Helper()
	fhir, err := fhirtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(fhir)
	t.Cleanup(func() {
		web.Close()
		_ = fhir.Close()
	})
	return fhir, web.URL
}
