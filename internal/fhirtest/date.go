package fhirtest

import (
	"strings"
	"time"
)

// interval is the time that a FHIR date stands for: all of it, from its
// beginning to before the next. A zero bound is open.
type interval struct{ from, to time.Time }

// parseDate reads a FHIR date, dateTime or instant. Without an offset it is UTC.
func parseDate(text string) (interval, bool) {
	for _, form := range []struct {
		layout              string
		years, months, days int
		length              time.Duration
	}{
		{layout: "2006", years: 1},
		{layout: "2006-01", months: 1},
		{layout: "2006-01-02", days: 1},
		{layout: "2006-01-02T15:04Z07:00", length: time.Minute},
		{layout: "2006-01-02T15:04", length: time.Minute},
		{layout: "2006-01-02T15:04:05", length: time.Second},
		{layout: time.RFC3339, length: time.Second},
	} {
		from, err := time.Parse(form.layout, text)
		if err != nil {
			continue
		}
		length := form.length
		if strings.Contains(text, ".") {
			length = 1 // a fraction of a second is taken as exact
		}
		return interval{from, from.AddDate(form.years, form.months, form.days).Add(length)}, true
	}
	return interval{}, false
}

func (i interval) within(o interval) bool {
	return !i.from.IsZero() && !i.to.IsZero() && !i.from.Before(o.from) && !i.to.After(o.to)
}

func (i interval) endsAfter(t time.Time) bool    { return i.to.IsZero() || i.to.After(t) }
func (i interval) startsBefore(t time.Time) bool { return i.from.IsZero() || i.from.Before(t) }
func (i interval) startsFrom(t time.Time) bool   { return !i.from.IsZero() && !i.from.Before(t) }
func (i interval) endsUntil(t time.Time) bool    { return !i.to.IsZero() && !i.to.After(t) }

// compare says whether the resource's time i stands to the search value as the
// prefix wants (FHIR R4, "Search", "date").
func (i interval) compare(prefix string, value interval) bool {
	switch prefix {
	case "eq":
		return i.within(value)
	case "ne":
		return !i.within(value)
	case "gt":
		return i.endsAfter(value.to)
	case "ge":
		return i.endsAfter(value.to) || i.within(value)
	case "lt":
		return i.startsBefore(value.from)
	case "le":
		return i.startsBefore(value.from) || i.within(value)
	case "sa":
		return i.startsFrom(value.to)
	default: // eb
		return i.endsUntil(value.from)
	}
}
