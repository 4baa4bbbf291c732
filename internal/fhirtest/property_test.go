package fhirtest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"
)

// TestPiecesMakeTheWhole: however long lines and files are, the pieces of a file
// are whole lines, in order, none lost, and no piece is larger than asked for
// unless it is one line.
func TestPiecesMakeTheWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ndjson")
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.Just(""), rapid.StringOfN(rapid.RuneFrom([]rune("ab é")), 1, 60, -1))
		text := strings.Join(rapid.SliceOf(line).Draw(t, "lines"), "\n") + rapid.SampledFrom([]string{"", "\n"}).Draw(t, "end")
		limit := rapid.Int64Range(1, 100).Draw(t, "limit")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		pieces, err := cut(path, limit)
		if err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		for _, p := range pieces {
			part := text[p.offset : p.offset+p.length]
			breaks := strings.Count(strings.TrimSuffix(part, "\n"), "\n")
			if p.offset != at || (p.length > limit && breaks > 0) || p.count != filled(part) {
				t.Fatalf("piece %+v of %q after %d", p, part, at)
			}
			if at += p.length; at < int64(len(text)) && text[at-1] != '\n' {
				t.Fatalf("piece %+v ends inside a line", p)
			}
		}
		if filled(text[at:]) > 0 {
			t.Fatalf("%q is lost", text[at:])
		}
	})
}

// filled counts the lines that are not blank.
func filled(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		if !blank([]byte(line)) {
			n++
		}
	}
	return n
}

// TestIncrementsMissNothing: whatever changes when, a client that exports again
// and again with the last transactionTime as _since has, at each time, what the
// server holds.
func TestIncrementsMissNothing(t *testing.T) {
	s := serve(t, Options{Dir: t.TempDir()})
	s.way = direct{s.Server}
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	s.SetNow(func() time.Time { return now })
	rapid.Check(t, func(rt *rapid.T) {
		held, seen := map[string]string{}, map[string]string{} // lastUpdated by id
		s.hold(held)
		var since string
		rt.Repeat(map[string]func(*rapid.T){
			"change": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 3_000_000).Draw(rt, "µs")) * time.Microsecond)
				id := fmt.Sprint("c", rapid.IntRange(0, 5).Draw(rt, "id"))
				held[id] = now.Format(time.RFC3339Nano)
				s.hold(held)
			},
			"export": func(rt *rapid.T) {
				since = s.pull(since, seen)
				if !maps.Equal(seen, held) {
					rt.Fatalf("the client has %v, the server %v", seen, held)
				}
			},
		})
	})
}

// hold makes the server hold these claims and nothing else.
func (s *site) hold(held map[string]string) {
	s.t.Helper()
	var lines []string
	for id, at := range held {
		lines = append(lines, fmt.Sprintf(`{"resourceType":"Claim","id":%q,"meta":{"lastUpdated":%q}}`+"\n", id, at))
	}
	slices.Sort(lines)
	must(s.t, os.WriteFile(filepath.Join(s.options.Dir, "Claim.ndjson"), []byte(strings.Join(lines, "")), 0o600))
}

// pull exports what changed since then into seen, and returns the next since.
func (s *site) pull(since string, seen map[string]string) string {
	s.t.Helper()
	parameters := url.Values{}
	if since != "" {
		parameters.Set("_since", since)
	}
	m := s.export("/$export", parameters)
	for _, f := range m.Output {
		for line := range strings.Lines(s.get(f.URL).expect(s.t, http.StatusOK).body) {
			seen[gjson.Get(line, "id").String()] = gjson.Get(line, "meta.lastUpdated").String()
		}
	}
	return m.TransactionTime
}
