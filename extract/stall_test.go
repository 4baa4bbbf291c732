package extract

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// An export that says for long that it has not got on is given up; one that gets on, or
// does not say, has all of its deadline.
func TestExportThatStandsStill(t *testing.T) {
	const limit, day = 2 * time.Hour, 24 * time.Hour
	for name, tc := range map[string]struct {
		progress func(n int) string // of the nth poll
		stall    time.Duration
		want     error
		after    time.Duration // within the time of two polls
	}{
		"at one percentage":                   {func(int) string { return "40%" }, limit, ErrStalled, limit},
		"in the end":                          {func(n int) string { return fmt.Sprintf("%d%%", min(n, 99)) }, limit, ErrStalled, limit + 99*time.Minute},
		"at none":                             {func(int) string { return "0% of 7" }, limit, ErrStalled, limit},
		"no percentage":                       {func(int) string { return "in progress" }, limit, ErrDeadline, day},
		"nothing is said":                     {func(int) string { return "" }, limit, ErrDeadline, day},
		"the same percentage of ever more":    {func(n int) string { return fmt.Sprintf("99%%, %d resources", n) }, limit, ErrDeadline, day},
		"it may stand still for ever":         {func(int) string { return "40%" }, 0, ErrDeadline, day},
		"it stood still, and got on for once": {func(n int) string { return fmt.Sprintf("%d%%", 40+min(n/100, 1)) }, limit, ErrStalled, limit + 100*time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			polls := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Progress", tc.progress(polls))
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusAccepted)
				polls++
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				begun, longest := time.Now(), time.Duration(0)
				_, err := c.Wait(t.Context(), Job{StatusURL: base + "/status"}, day, Watch{Stall: tc.stall, Progress: func(p Progress) error { longest = max(longest, p.Still); return nil }})
				took := time.Since(begun)
				if !errors.Is(err, tc.want) || took < tc.after-2*time.Minute || took > tc.after+2*time.Minute {
					t.Errorf("%v after %s, want %v after %s", err, took, tc.want, tc.after)
				}
				if errors.Is(tc.want, ErrStalled) && longest < limit-2*time.Minute {
					t.Errorf("stood still for %s, as far as was told", longest)
				}
			})
		})
	}
}
