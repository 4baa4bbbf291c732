package main

import (
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
)

func TestRequestTellsRunsApartAndNoPatients(t *testing.T) {
	base := extract.Export{Level: extract.Group, Group: "g", Types: []string{"Claim"}, Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	const want = "level=group group=g _type=Claim _since=2026-01-02T03:04:05Z"
	if got := request(base); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	seen := map[string]string{request(base): "the base"}
	for name, change := range map[string]func(*extract.Export){
		"two patients":         func(e *extract.Export) { e.Patients = []string{"jane-doe", "b"} },
		"one patient":          func(e *extract.Export) { e.Patients = []string{"jane-doe"} },
		"a custom parameter":   func(e *extract.Export) { e.Custom = []extract.Parameter{{Name: "_x", Value: "jane-doe"}} },
		"its other value":      func(e *extract.Export) { e.Custom = []extract.Parameter{{Name: "_x", Value: "2"}} },
		"organized by patient": func(e *extract.Export) { e.OrganizeOutputBy = "Patient" },
		"another size":         func(e *extract.Export) { e.MaxFileSize = 7 },
		"another format":       func(e *extract.Export) { e.OutputFormat = "ndjson" },
		"partial manifests":    func(e *extract.Export) { e.AllowPartialManifests = true },
		"associated data":      func(e *extract.Export) { e.IncludeAssociatedData = []string{"LatestProvenanceResources"} },
		"some elements":        func(e *extract.Export) { e.Elements = []string{"item"} },
	} {
		e := base
		change(&e)
		got := request(e)
		if seen[got] != "" || strings.Contains(got, "jane") {
			t.Errorf("%s is the same as %q, or tells too much: %s", name, seen[got], got)
		}
		seen[got] = name
	}
	a, b := base, base
	a.Patients, b.Patients = []string{"x", "y"}, []string{"y", "x"}
	if request(a) != request(b) {
		t.Error("the order of patients counts")
	}
}
