package checks

import (
	"slices"
	"testing"
	"time"
)

func TestMonthToDate(t *testing.T) {
	now := time.Date(2026, 6, 20, 2, 0, 0, 0, time.UTC)
	// nights are runs of every night before, as far back as a day, with as many claims
	// as count says.
	nights := func(back int, count func(at time.Time) int64) (past []Past) {
		for i := 1; i <= back; i++ {
			at := now.AddDate(0, 0, -i)
			past = append(past, Past{at, map[string]int64{"Claim": count(at)}})
		}
		return past
	}
	steady := func(time.Time) int64 { return 100 }
	for name, tc := range map[string]struct {
		now  int64
		past []Past
		want []string
	}{
		"nothing before": {100, nil, nil},
		"three months":   {100, nights(100, steady), nil}, // and the first of them not whole
		"as usual":       {100, nights(200, steady), nil},
		"one odd night":  {500, nights(200, steady), nil},
		"a feed that thins": {60, nights(200, func(at time.Time) int64 {
			if at.Month() == time.June {
				return 55
			}
			return 100
		}), []string{"warn month_to_date Claim"}},
		"a feed that doubles": {200, nights(200, func(at time.Time) int64 {
			if at.Month() == time.June {
				return 200
			}
			return 100
		}), []string{"warn month_to_date Claim"}},
		"months end high": {100, nights(200, func(at time.Time) int64 {
			if at.Day() > 20 {
				return 5000
			}
			return 100
		}), nil},
		"nothing this month": {0, nights(200, func(at time.Time) int64 {
			if at.Month() == time.June {
				return 0
			}
			return 100
		}), []string{"warn month_to_date Claim"}},
	} {
		got := MonthToDate(map[string]int64{"Claim": tc.now}, now, tc.past)
		if s := short(got); !slices.Equal(s, tc.want) {
			t.Errorf("%s: %q, want %q: %v", name, s, tc.want, got)
		}
	}
	if got := MonthToDate(nil, time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC), nights(200, steady)); len(got) != 0 {
		t.Errorf("on the 31st: %v", got)
	}
}
