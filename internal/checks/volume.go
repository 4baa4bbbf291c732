package checks

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Past is what an earlier run of the same source and kind brought.
type Past struct {
	Started time.Time
	Lines   map[string]int64 // by resource type
}

const (
	// pastRuns is how many earlier runs it takes to say what is usual.
	pastRuns = 3
	// spreads is how many spreads a count may be away from the median.
	spreads = 4
	// leastSpread is the spread, as a share of the median, that is always allowed for,
	// and leastLines the same in lines.
	leastSpread = 0.1
	leastLines  = 10
)

// Volume compares the lines of each resource type with the median of earlier runs, of
// the same weekday where there are enough. A count that is far from usual is a warning.
// Where all that a server has was asked for, less than most allows below the median,
// such as 0.5 for half of it, is a failure (0: never): half an export must not replace a whole one.
func Volume(lines map[string]int64, started time.Time, past []Past, full bool, most float64) (found []Finding) {
	past, when := comparable(past, started.UTC().Weekday())
	if len(past) < pastRuns {
		return nil
	}
	types := map[string]bool{}
	for _, p := range past {
		for t := range p.Lines {
			types[t] = true
		}
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		var counts []float64
		for _, p := range past {
			counts = append(counts, float64(p.Lines[t]))
		}
		usual := median(counts)
		spread := max(deviation(counts, usual), leastSpread*usual, leastLines)
		n := float64(lines[t])
		f := Finding{Check: "volume", Subject: t, Found: n, Expected: usual, Text: fmt.Sprintf("%.0f lines, where %.0f are usual (the median of %d %s)", n, usual, len(past), when)}
		switch {
		case full && most > 0 && n < (1-most)*usual:
			f.Grade = Fail
		case math.Abs(n-usual) > spreads*spread:
			f.Grade = Warn
		default:
			continue
		}
		found = append(found, f)
	}
	return found
}

// comparable are the runs of the weekday, or all where those are too few.
func comparable(past []Past, day time.Weekday) ([]Past, string) {
	var same []Past
	for _, p := range past {
		if p.Started.UTC().Weekday() == day {
			same = append(same, p)
		}
	}
	if len(same) >= pastRuns {
		return same, day.String() + "s"
	}
	return past, "runs"
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// deviation is the median absolute deviation, scaled to be the standard deviation of
// what is normally distributed.
func deviation(values []float64, from float64) float64 {
	var away []float64
	for _, v := range values {
		away = append(away, math.Abs(v-from))
	}
	return 1.4826 * median(away)
}
