package checks

import (
	"slices"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		at, server, last time.Duration // from now; never: not known
		want             []string
	}{
		"as it should be":                        {-time.Hour, 0, -24 * time.Hour, nil},
		"the first":                              {-time.Hour, 0, never, nil},
		"the same again":                         {-time.Hour, 0, -time.Hour, nil},
		"a little ahead":                         {4 * time.Minute, 0, never, nil},
		"ahead by more than the skew":            {6 * time.Minute, 6 * time.Minute, never, []string{"future"}},
		"years ahead, as the server's clock is":  {4 * 365 * 24 * time.Hour, 4 * 365 * 24 * time.Hour, never, []string{"future"}},
		"ahead of the server alone":              {-time.Minute, -time.Hour, never, []string{"server_clock"}},
		"ahead of both":                          {time.Hour, 0, never, []string{"future", "server_clock"}},
		"the server does not tell its time":      {-time.Minute, never, never, nil},
		"before the last":                        {-25 * time.Hour, 0, -24 * time.Hour, []string{"backwards"}},
		"the last was in the future":             {0, 0, time.Hour, []string{"backwards"}},
		"this machine's clock is behind by days": {48 * time.Hour, 48 * time.Hour, 24 * time.Hour, []string{"future"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := Clocks{Here: now, Skew: 5 * time.Minute}
			for to, by := range map[*time.Time]time.Duration{&c.TransactionTime: tc.at, &c.Server: tc.server, &c.Last: tc.last} {
				if by != never {
					*to = now.Add(by)
				}
			}
			var got []string
			for _, f := range Clock(c) {
				got = append(got, f.Check)
				if f.Grade != Fail {
					t.Errorf("%+v", f)
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("found %v, want %v", got, tc.want)
			}
		})
	}
	if found := Clock(Clocks{Here: now, Last: now}); found != nil {
		t.Errorf("without a transactionTime: %v", found)
	}
}

const never = time.Duration(-1 << 63)
