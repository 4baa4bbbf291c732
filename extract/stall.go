package extract

import "time"

// stall sees how long an export has not got on. An export gets on where X-Progress says
// something else than before, or the manifest has more files. Only one that gives a
// percentage can be known to stand still: others may say the same from start to end.
type stall struct {
	words string
	files int
	since time.Time // zero: not known
}

// look takes a poll's answer, and gives for how long the export has stood still.
func (s *stall) look(a answer, files int, now time.Time) time.Duration {
	if a.progress == "" || a.words != s.words || files != s.files || s.since.IsZero() {
		*s = stall{words: a.words, files: files}
		if a.progress != "" {
			s.since = now
		}
		return 0
	}
	return now.Sub(s.since)
}
