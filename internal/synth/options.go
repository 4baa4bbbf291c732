package synth

import (
	"fmt"
	"time"
)

// Options say which data to write. The zero value of everything but Patients is
// usable.
type Options struct {
	Patients  int       // size of the population, 1 to MaxPatients
	Seed      uint64    // another seed is another population
	Day       int       // 0 and 1: the whole population; n>1: what day n adds to day n-1
	EdgeCases bool      // mixes in what breaks pipelines; see edge.go
	Start     time.Time // the time of day 1, zero: 2025-07-01 UTC; claims span the three years before it
}

// MaxPatients is the largest population whose ids are certain to be unique.
const MaxPatients = 1 << 25

// maxDay keeps days within their bits of a key and dates within four digits.
const maxDay = 1 << 13

// Summary says what was written.
type Summary struct {
	Resources map[string]int64 // lines per resource type; "Bundle" counts delete bundles
	Bytes     int64            // of all files
}

func (o Options) check() (Options, error) {
	if o.Patients < 1 || o.Patients > MaxPatients {
		return o, fmt.Errorf("%d patients: choose 1 to %d", o.Patients, MaxPatients)
	}
	if o.Day < 0 || o.Day > maxDay {
		return o, fmt.Errorf("day %d: choose 1 to %d", o.Day, maxDay)
	}
	o.Day = max(o.Day, 1)
	if o.Start.IsZero() {
		o.Start = time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
	}
	o.Start = o.Start.UTC()
	if o.Start.Year() < 1970 || o.Start.Year() > 2900 {
		return o, fmt.Errorf("start %s: choose a year from 1970 to 2900", o.Start.Format(time.DateOnly))
	}
	return o, nil
}
