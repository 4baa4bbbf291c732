package fhirpath

import (
	"regexp"
	"strings"
	"time"
)

// precision is the last part of a date or time that is given. Seconds and their
// fraction are one (FHIRPath, "Date/Time Comparison").
type precision uint8

const (
	year precision = iota + 1
	month
	day
	minute
	second
)

// temporal is a date, dateTime or time with its precision.
type temporal struct {
	at    time.Time // in UTC where zoned; the first instant of its precision
	last  precision
	zoned bool
	clock bool // a time of day without a date
}

var (
	dateForm = regexp.MustCompile(`^(\d{4})(-\d\d(-\d\d)?)?(T(\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?)?(Z|[+-]\d\d:\d\d)?$`)
	timeForm = regexp.MustCompile(`^(\d\d)(:\d\d(:\d\d(\.\d+)?)?)?$`)
)

// parseTemporal reads s as a value of a FHIR type that is a date or time.
func parseTemporal(s, typ string) (temporal, bool) {
	switch typ {
	case "date", "dateTime", "instant":
		return parseDate(s)
	case "time":
		return parseClock(s)
	}
	return temporal{}, false
}

func parseDate(s string) (temporal, bool) {
	m := dateForm.FindStringSubmatch(s)
	if m == nil || m[9] != "" && m[5] == "" {
		return temporal{}, false
	}
	t := temporal{last: year, zoned: m[9] != ""}
	layout, text := "2006", m[1]
	if m[2] != "" {
		t.last, layout, text = month, "2006-01", m[1]+m[2]
	}
	if m[3] != "" {
		t.last, layout = day, "2006-01-02"
	}
	if m[5] != "" {
		if m[3] == "" {
			return temporal{}, false
		}
		clock, last := pad(m[5])
		t.last, layout, text = last, "2006-01-02T15:04:05.999999999", text+"T"+clock
	}
	if t.zoned {
		layout, text = layout+"Z07:00", text+m[9]
	}
	at, err := time.Parse(layout, text)
	t.at = at.UTC()
	return t, err == nil
}

func parseClock(s string) (temporal, bool) {
	if timeForm.FindString(s) == "" {
		return temporal{}, false
	}
	clock, last := pad(s)
	at, err := time.Parse("15:04:05.999999999", clock)
	return temporal{at: at, last: last, clock: true}, err == nil
}

// pad completes a time of day to seconds, and gives its precision.
func pad(clock string) (string, precision) {
	switch strings.Count(clock, ":") {
	case 0:
		return clock + ":00:00", minute
	case 1:
		return clock + ":00", minute
	}
	return clock, second
}

// temporalLiteral is the value of a literal, without its @.
func temporalLiteral(s string) (Value, bool) {
	typ := "date"
	switch clock, isTime := strings.CutPrefix(s, "T"); {
	case isTime:
		s, typ = clock, "time"
	case strings.Contains(s, "T"):
		typ = "dateTime"
	}
	t, ok := parseTemporal(s, typ)
	return Value{kind: kindTemporal, typ: typ, text: strings.TrimSuffix(s, "T"), time: t}, ok
}

// compare gives the order of two dates or times. It is not known where they are equal
// up to the precision of one and the other has more, or where only one has a zone.
func (a temporal) compare(b temporal) (order int, known bool) {
	if a.clock != b.clock || a.zoned != b.zoned && a.last > day && b.last > day {
		return 0, false
	}
	shared := min(a.last, b.last)
	order = a.upTo(shared).Compare(b.upTo(shared))
	return order, order != 0 || a.last == b.last
}

// upTo is the first instant of t's year, month, day or minute.
func (t temporal) upTo(p precision) time.Time {
	y, m, d := t.at.Date()
	switch p {
	case year:
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case month:
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case day:
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case minute:
		return t.at.Truncate(time.Minute)
	default:
		return t.at
	}
}

// digits counts the decimals of a number as it is written.
func digits(s string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	return len(fraction)
}
