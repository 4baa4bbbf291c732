package extract

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of dates that servers write, besides HTTP's own. One has
// been seen to send Go's time.Time.String.
var layouts = []string{
	time.RFC3339Nano,
	"Mon, 02 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 MST", time.RFC1123Z, time.RFC850, time.ANSIC,
	"2006-01-02 15:04:05.999999999 -0700 MST",
	"2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
}

// parseInstant reads a date in any form that servers have been seen to use, and
// as seconds, milliseconds or microseconds of the epoch. Without a zone it is
// taken for UTC. ok is false for everything else.
func parseInstant(text string) (t time.Time, ok bool) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), " m=") // Go's monotonic clock
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return epoch(n)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// epoch reads a time in seconds, milliseconds or microseconds, told apart by its
// size. A smaller number is a span and no time: the year 2001 had passed before
// there was FHIR.
func epoch(n int64) (t time.Time, ok bool) {
	switch {
	case n >= 1e15:
		return time.UnixMicro(n).UTC(), true
	case n >= 1e12:
		return time.UnixMilli(n).UTC(), true
	case n >= 1e9:
		return time.Unix(n, 0).UTC(), true
	}
	return time.Time{}, false
}
