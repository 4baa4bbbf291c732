package value

// Precisions of FHIR dates (FHIR R4, "Date Time Types").
const (
	Year   = "year"
	Month  = "month"
	Day    = "day"
	Minute = "minute"
	Second = "second"
)

// SecondsPerDay is the length of a day without a leap second.
const SecondsPerDay = 24 * 60 * 60

// Moment is a FHIR date, dateTime or instant.
type Moment struct {
	Days      int64  // the calendar date as written, in days since 1970; an offset does not move a day of service
	seconds   int64  // since the date's midnight UTC, the offset applied
	fraction  int64  // µs
	Precision string // one of the constants
}

// Micros is the Moment in µs since 1970. A date is its midnight UTC.
func (m Moment) Micros() int64 {
	return (m.Days*SecondsPerDay+m.seconds)*1_000_000 + m.fraction
}

// ParseMoment reads a FHIR date, dateTime or instant. A partial date means its
// first day. A time needs an offset, but servers leave it out: then it is UTC.
func ParseMoment(b []byte) (Moment, bool) {
	t := timeText{rest: b, ok: true}
	y, mo, d := t.number(4, 1, 9999), 1, 1
	m := Moment{Precision: Year}
	if t.skip('-') {
		mo, m.Precision = t.number(2, 1, 12), Month
		if t.skip('-') {
			d, m.Precision = t.number(2, 1, 31), Day
			if t.skip('T') {
				m.clock(&t)
			}
		}
	}
	if !t.ok || len(t.rest) > 0 {
		return Moment{}, false
	}
	m.Days = daysTo(y, mo, d)
	return m, d <= 28 || m.Days < daysTo(y, mo+1, 1)
}

// daysTo gives the days from 1970 to a date of the Gregorian calendar; a month 13
// is the next January. Years begin in March here, so that a leap day is a year's
// last, and months before it repeat in a pattern of five.
func daysTo(year, month, day int) int64 {
	y, m := int64(year), int64(month-3)
	if m < 0 {
		y, m = y-1, m+12
	}
	return y*365 + y/4 - y/100 + y/400 + (m*153+2)/5 + int64(day-1) - daysToEpoch
}

// daysToEpoch is the days from March 1 of year 0 to January 1, 1970.
const daysToEpoch = 719468

// clock reads the time of day and its offset.
func (m *Moment) clock(t *timeText) {
	m.Precision = Minute
	m.seconds = int64(t.number(2, 0, 23)) * 3600
	t.need(':')
	m.seconds += int64(t.number(2, 0, 59)) * 60
	if t.skip(':') {
		m.Precision = Second
		m.seconds += int64(t.number(2, 0, 60)) // 60: a leap second is the first of the next minute
		if t.skip('.') {
			m.fraction = t.fraction()
		}
	}
	m.seconds -= t.offset()
}

// timeText is what is left to read of a date; ok is false after a mistake.
type timeText struct {
	rest []byte
	ok   bool
}

// number reads exactly n digits that make a number between low and high.
func (t *timeText) number(n, low, high int) int {
	if len(t.rest) < n {
		t.ok = false
		return low
	}
	v := 0
	for _, c := range t.rest[:n] {
		t.ok = t.ok && c >= '0' && c <= '9'
		v = v*10 + int(c) - '0'
	}
	t.rest = t.rest[n:]
	t.ok = t.ok && v >= low && v <= high
	return v
}

// skip moves past c if it is next.
func (t *timeText) skip(c byte) bool {
	if len(t.rest) == 0 || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

func (t *timeText) need(c byte) { t.ok = t.skip(c) && t.ok }

// fraction reads a fraction of a second in µs; what is finer is cut off.
func (t *timeText) fraction() int64 {
	v, unit, digits := int64(0), int64(100_000), 0
	for len(t.rest) > 0 && t.rest[0] >= '0' && t.rest[0] <= '9' {
		v += int64(t.rest[0]-'0') * unit
		unit /= 10
		digits++
		t.rest = t.rest[1:]
	}
	t.ok = t.ok && digits > 0
	return v
}

// offset reads Z, an offset such as +02:00, or nothing, in seconds.
func (t *timeText) offset() int64 {
	sign := int64(1)
	switch {
	case len(t.rest) == 0 || t.skip('Z'):
		return 0
	case t.skip('-'):
		sign = -1
	default:
		t.need('+')
	}
	hours := t.number(2, 0, 14)
	t.need(':')
	return sign * (int64(hours)*3600 + int64(t.number(2, 0, 59))*60)
}
