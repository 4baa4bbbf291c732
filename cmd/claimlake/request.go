package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract"
)

// request is an export in one line: what tells two runs' requests apart. It is
// kept and printed, so that patients, and what only this server understands, are in
// it by number and hash only.
func request(e extract.Export) string {
	parts := []string{"level=" + string(e.Level)}
	add := func(name string, values ...string) {
		if text := strings.Join(values, ","); text != "" {
			parts = append(parts, name+"="+text)
		}
	}
	add("group", e.Group)
	add("_type", e.Types...)
	add("_since", instant(e.Since))
	add("_until", instant(e.Until))
	add("_elements", e.Elements...)
	add("_typeFilter", e.TypeFilters...)
	add("patients", fingerprint(e.Patients))
	add("includeAssociatedData", e.IncludeAssociatedData...)
	add("organizeOutputBy", e.OrganizeOutputBy)
	if e.AllowPartialManifests {
		add("allowPartialManifests", "true")
	}
	add("_outputFormat", e.OutputFormat)
	add("_minimumFileSize", size(e.MinFileSize))
	add("_maximumFileSize", size(e.MaxFileSize))
	var custom []string
	for _, p := range e.Custom {
		custom = append(custom, p.Name+"="+p.Value)
	}
	add("custom", fingerprint(custom))
	return strings.Join(parts, " ")
}

func size(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return strconv.FormatInt(bytes, 10)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// fingerprint is the number of values, and a hash of them in any order.
func fingerprint(values []string) string {
	if len(values) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(values)), "\n")))
	return fmt.Sprintf("%d(sha256:%x)", len(values), sum[:6])
}
