package audit

import (
	"fmt"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
)

// LeastYears is how long events are kept at least: HIPAA wants six years (45 CFR
// 164.316(b)(2)(i)).
const LeastYears = 6

// Prune removes the files of a trail of which every event is older than so many years,
// and records that. Fewer than LeastYears are refused. It gives the number of events.
//
// now is the latest time that is sure, since a clock may be wrong; no later than the last
// event's, which a clock that was set ahead since then has not reached.
func (t *Trail) Prune(years int, now time.Time) (pruned int64, err error) {
	if years < LeastYears {
		return 0, fmt.Errorf("audit trail: %d years are less than the %d that events have to be kept", years, LeastYears)
	}
	files, err := filesOf(t.dir)
	if err != nil || len(files) < 2 {
		return 0, err
	}
	if now, err = t.notAfterTheEnd(files, now); err != nil {
		return 0, err
	}
	var old []string
	var last Event
	var hash string
	for _, path := range files[:len(files)-1] {
		end, endHash, err := t.lastOf(path)
		if err != nil {
			return 0, err
		}
		if !end.Time.Before(now.AddDate(-years, 0, 0)) {
			break
		}
		old, last, hash = append(old, path), end, endHash
	}
	if len(old) == 0 {
		return 0, nil
	}
	head, _, err := readHead(t.dir)
	if err != nil {
		return 0, err
	}
	pruned = max(0, last.Seq-head.First+1) // 0: a crash came before the files were removed
	if err := t.Append(Event{Action: "audit.prune", Object: fmt.Sprintf("%d:%s", last.Seq, hash), Counts: map[string]int64{"events": pruned}}); err != nil {
		return 0, err
	}
	return pruned, t.forget(old, last.Seq+1, hash)
}

// notAfterTheEnd gives now, or the time of the last event if that is earlier.
func (t *Trail) notAfterTheEnd(files []string, now time.Time) (time.Time, error) {
	for n := len(files) - 1; n >= 0; n-- {
		end, _, err := t.lastOf(files[n])
		if err != nil {
			return now, err
		}
		if !end.Time.IsZero() {
			return earlier(now, end.Time), nil
		}
	}
	return now, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// forget makes a trail begin later, and then removes the files before.
func (t *Trail) forget(files []string, first int64, prev string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	unlock, err := t.lock()
	if err != nil {
		return err
	}
	defer unlock()
	head, _, err := readHead(t.dir)
	if err != nil {
		return err
	}
	head.First, head.FirstPrev = first, prev
	if err := head.sign(t.key).write(t.dir); err != nil {
		return fmt.Errorf("audit trail: %w", err)
	}
	for _, path := range files {
		if err := durable.Remove(path); err != nil {
			return fmt.Errorf("audit trail: %w", err)
		}
	}
	return durable.SyncDir(t.dir)
}

// lastOf is the last event of a file, and the hash of its line.
func (t *Trail) lastOf(path string) (e Event, hash string, err error) {
	err = readFile(path, func(where string, line []byte) error {
		var ok bool
		if e, ok = parse(line, t.public()); !ok {
			return fmt.Errorf("%w: %s", ErrAltered, where)
		}
		hash = hashOf(line)
		return nil
	})
	return e, hash, err
}
