package fhirtest

import (
	"net/http"
	"slices"
	"strings"
)

// preferences are those of the Prefer header (RFC 7240) that a kick-off knows.
type preferences struct {
	async          bool // respond-async
	lenient        bool // handling=lenient
	separateStatus bool // separate-export-status, of STU4
}

func preferencesOf(h http.Header) preferences {
	var asked []string
	for _, p := range strings.FieldsFunc(strings.Join(h.Values("Prefer"), ","), func(r rune) bool { return r == ',' || r == ';' }) {
		asked = append(asked, strings.ToLower(strings.TrimSpace(p)))
	}
	return preferences{
		async:          slices.Contains(asked, "respond-async"),
		lenient:        slices.Contains(asked, "handling=lenient"),
		separateStatus: slices.Contains(asked, "separate-export-status"),
	}
}
