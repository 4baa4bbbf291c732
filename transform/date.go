package transform

import (
	"time"
)

// Precisions of FHIR dates (FHIR R4, "Date Time Types").
const (
	year   = "year"
	month  = "month"
	day    = "day"
	second = "second"
)

// layouts are the forms of a FHIR date, dateTime and instant by length. A
// partial date means its first day.
var layouts = map[int]struct{ layout, precision string }{
	len("2006"):       {"2006", year},
	len("2006-01"):    {"2006-01", month},
	len("2006-01-02"): {"2006-01-02", day},
}

// parseTime reads a FHIR date, dateTime or instant, in UTC.
func parseTime(s string) (t time.Time, precision string, ok bool) {
	if l, partial := layouts[len(s)]; partial {
		t, err := time.Parse(l.layout, s)
		return t, l.precision, err == nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil { // an offset is required, but servers leave it out
		t, err = time.Parse("2006-01-02T15:04:05.999999999", s)
	}
	return t.UTC(), second, err == nil
}

// parseDate reads the calendar date of a FHIR date or dateTime as it is
// written: an offset does not move a day of service.
func parseDate(s string) (time.Time, bool) {
	if _, _, ok := parseTime(s); !ok {
		return time.Time{}, false
	}
	t, _, ok := parseTime(s[:min(len(s), len("2006-01-02"))])
	return t, ok
}
