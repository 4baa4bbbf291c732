package extract

import (
	"testing"
	"time"
)

func TestInstantsInAnyForm(t *testing.T) {
	at := time.Date(2026, 11, 24, 19, 13, 2, 0, time.UTC)
	micros := at.Add(905043 * time.Microsecond)
	for text, want := range map[string]time.Time{
		"Tue, 24 Nov 2026 19:13:02 GMT":                         at,
		"Tuesday, 24-Nov-26 19:13:02 GMT":                       at,
		"Tue Nov 24 19:13:02 2026":                              at,
		"Tue, 24 Nov 2026 20:13:02 +0100":                       at,
		"2026-11-24T19:13:02Z":                                  at,
		"2026-11-24T14:13:02-05:00":                             at,
		"2026-11-24T14:13:02-0500":                              at,
		"2026-11-24T19:13:02.905043Z":                           micros,
		"2026-11-24T19:13:02":                                   at,
		"2026-11-24 19:13:02.905043":                            micros,
		"2026-11-24 19:13:02.905043 +0000 UTC":                  micros, // Go's String, seen at BCDA
		"2026-11-24 19:13:02.905043 +0000 UTC m=+86400.1234567": micros,
		" 1795547582 ":                                          at,
		"1795547582000":                                         at,
		"1795547582905043":                                      micros,
		"0":                                                     {},
		"-1":                                                    {},
		"120":                                                   {},
		"":                                                      {},
		"never":                                                 {},
		"2026-13-01T00:00:00Z":                                  {},
	} {
		got, ok := parseInstant(text)
		if !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 19, 13, 2, 0, time.UTC)
	const limit = 15 * time.Minute
	for header, want := range map[string]time.Duration{
		"120":                           2 * time.Minute,
		" 7 ":                           7 * time.Second,
		"1.5":                           1500 * time.Millisecond,
		"0":                             0, // BCDA's default: our own backoff decides
		"-5":                            0,
		"":                              0,
		"soon":                          0,
		"NaN":                           0,
		"Tue, 24 Nov 2026 19:14:02 GMT": time.Minute,
		"Tue, 24 Nov 2026 19:12:02 GMT": 0,
		"1795547642":                    time.Minute, // epoch, seconds
		"1795547642000":                 time.Minute, // milliseconds
		"1795547582":                    0,
		"86400":                         limit,
		"1e300":                         limit,
		"+Inf":                          limit,
		"99999999999999999999999":       limit,
		"9223372036854775807":           limit,
		"Tue, 24 Nov 2099 19:14:02 GMT": limit,
	} {
		if got := parseRetryAfter(header, now, limit); got != want {
			t.Errorf("Retry-After %q waits %s, want %s", header, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "1795460886997", "Tue, 24 Nov 2026 19:14:02 GMT", "2026-11-24 19:13:02 +0000 UTC m=+1", "1e9", "-"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 24, 19, 13, 2, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header string) {
		if got := parseRetryAfter(header, now, time.Hour); got < 0 || got > time.Hour {
			t.Errorf("Retry-After %q waits %s", header, got)
		}
	})
}
