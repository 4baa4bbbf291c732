package value

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The days are those of Go's calendar, and a date is valid if it is in there.
func TestDatesEqualGoCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, m, d := rapid.IntRange(1, 9999).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 31).Draw(t, "day")
		date := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		got, ok := ParseMoment([]byte(date.Format(time.DateOnly)))
		if want := date.Unix() / SecondsPerDay; !ok || got.Days != want {
			t.Errorf("%s is day %d (%v), want %d", date.Format(time.DateOnly), got.Days, ok, want)
		}
		if valid := date.Day() == d; valid != (d <= 28 || daysTo(y, m+1, 1) > daysTo(y, m, d)) {
			t.Errorf("%d-%d-%d: valid is %v", y, m, d, valid)
		}
	})
}
