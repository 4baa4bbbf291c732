package pipeline

import (
	"testing"
	"time"
)

func TestDeadlineGrows(t *testing.T) {
	for longest, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, 8 * time.Hour: 24 * time.Hour, 20 * time.Hour: 60 * time.Hour} {
		s := &Server{deadline: 24 * time.Hour}
		if s.Expect(longest); s.deadline != want {
			t.Errorf("after %s: %s, want %s", longest, s.deadline, want)
		}
	}
}
