package checks

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// MonthToDate compares what syncs of changes brought since the month began, by resource
// type, with the median of what those of earlier months had brought by the same day: a
// feed that thins out a little every day is seen, of which no single day is odd. What is
// far from usual is a warning. Months before the first run are not known as a whole, and
// do not count.
func MonthToDate(lines map[string]int64, started time.Time, past []Past) (found []Finding) {
	months := monthsToDate(past, started.UTC())
	now := monthOf(started.UTC())
	types := map[string]bool{}
	for month, counts := range months {
		for t := range counts {
			types[t] = types[t] || month != now
		}
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		var earlier []float64
		for month, counts := range months {
			if month != now {
				earlier = append(earlier, float64(counts[t]))
			}
		}
		if len(earlier) < pastRuns {
			return nil
		}
		n, usual := float64(months[now][t]+lines[t]), median(earlier)
		spread := max(deviation(earlier, usual), leastSpread*usual, leastLines)
		if math.Abs(n-usual) > spreads*spread {
			found = append(found, Finding{
				Check: "month_to_date", Subject: t, Grade: Warn, Found: n, Expected: usual,
				Text: fmt.Sprintf("%.0f lines since the month began, where %.0f are usual by this day (the median of %d months)", n, usual, len(earlier)),
			})
		}
	}
	return found
}

func monthOf(t time.Time) string { return t.Format("2006-01") }

// monthsToDate adds up the lines of each month, up to a time's day of the month, by
// resource type. The month in which the runs began is not among them, unless it is now.
func monthsToDate(past []Past, now time.Time) map[string]map[string]int64 {
	months := map[string]map[string]int64{monthOf(now): {}}
	if len(past) == 0 {
		return months
	}
	first := slices.MinFunc(past, func(a, b Past) int { return a.Started.Compare(b.Started) }).Started.UTC()
	for month := now.AddDate(0, 0, 1-now.Day()); monthOf(month) > monthOf(first); month = month.AddDate(0, -1, 0) {
		months[monthOf(month)] = map[string]int64{}
	}
	for _, p := range past {
		at := p.Started.UTC()
		if counts := months[monthOf(at)]; counts != nil && at.Day() <= now.Day() {
			for t, n := range p.Lines {
				counts[t] += n
			}
		}
	}
	return months
}
