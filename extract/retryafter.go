package extract

import (
	"strconv"
	"strings"
	"time"
)

// parseRetryAfter reads a Retry-After header: seconds or an HTTP-date (RFC 9110
// §10.2.3), or a time since the epoch, which servers send too. The result is at
// most limit. It is 0 where the header says nothing, or a time that has passed:
// then the caller's own backoff decides.
func parseRetryAfter(header string, now time.Time, limit time.Duration) time.Duration {
	header = strings.TrimSpace(header)
	if t, ok := parseInstant(header); ok {
		return min(max(t.Sub(now), 0), limit)
	}
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || !(seconds > 0) {
		return 0
	}
	if seconds >= limit.Seconds() {
		return limit
	}
	return time.Duration(seconds * float64(time.Second))
}
