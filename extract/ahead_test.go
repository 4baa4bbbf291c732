package extract

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowly sends at most so many bytes a second.
type slowly struct {
	http.ResponseWriter
	rate int
}

func (s slowly) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		part := p[:min(len(p), s.rate/10)]
		time.Sleep(time.Duration(len(part)) * time.Second / time.Duration(s.rate))
		m, e := s.ResponseWriter.Write(part)
		n, err, p = n+m, e, p[len(part):]
	}
	return n, err
}

// shelf serves one file, whole or in parts, at a rate for each connection.
type shelf struct {
	body     []byte
	encoding string
	rate     int
	// refuse, where it is set, answers instead, for the requests it wants.
	refuse func(w http.ResponseWriter, r *http.Request, n int) bool

	mu             sync.Mutex
	requests, open int
	most           int // that were open at once
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests++
	s.open++
	s.most = max(s.most, s.open)
	n := s.requests
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	if s.refuse != nil && s.refuse(w, r, n) {
		return
	}
	w.Header().Set("ETag", `"1"`)
	if s.encoding != "" {
		w.Header().Set("Content-Encoding", s.encoding)
		w.Header().Set("Content-Length", fmt.Sprint(len(s.body)))
	}
	http.ServeContent(slowly{w, s.rate}, r, "", time.Time{}, bytes.NewReader(s.body))
}

// manyLines are lines of n bytes in all that do not compress well.
func manyLines(n int) []byte {
	var b bytes.Buffer
	for i := uint64(1); b.Len() < n; i++ {
		fmt.Fprintf(&b, "{\"id\":\"%016x%016x\"}\n", i*0x9E3779B97F4A7C15, i*0xC2B2AE3D27D4EB4F)
	}
	return b.Bytes()
}

// A large file that a server sends slowly comes by several connections, byte for byte
// the same, whatever becomes of the parts.
func TestPartsOfALargeFile(t *testing.T) {
	const rate = 100_000
	body := manyLines(20 * rate)
	instead := func(status int, header ...string) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 3 {
				reply{status, "{}\n", header}.write(w)
			}
			return n == 3
		}
	}
	// lies answers a part as it was asked for, by its range, and of another file.
	lies := func(size string, header ...string) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, r *http.Request, n int) bool {
			var from, to int
			if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil || n != 3 {
				return false
			}
			where := fmt.Sprintf("bytes %d-%d/%s", from, to, size)
			reply{206, strings.Repeat("x", to-from+1), append(header, "Content-Range", where)}.write(w)
			return true
		}
	}
	size := fmt.Sprint(len(body))
	only := func(o *Options) { o.FileDownloads = 1 }
	for name, tc := range map[string]struct {
		shelf  *shelf
		change func(*Options)
		least  int           // connections at once, where it is as it happens
		most   int           // the same, exactly where there is no least
		within time.Duration // 20 s by one
	}{
		"four at once":             {&shelf{}, nil, 0, 4, 8 * time.Second},
		"four at once, compressed": {&shelf{encoding: "gzip"}, nil, 0, 4, 8 * time.Second},
		"one, as the user wants":   {&shelf{}, only, 0, 1, 25 * time.Second},
		"a server that is fast":    {&shelf{rate: 50 * rate}, nil, 0, 1, 2 * time.Second},
		"no parts": {&shelf{refuse: func(w http.ResponseWriter, r *http.Request, _ int) bool {
			w.Header().Set("Accept-Ranges", "none")
			_, _ = slowly{w, rate}.Write(body)
			return true
		}}, nil, 0, 1, 25 * time.Second},
		"a part that fails":          {&shelf{refuse: instead(500)}, nil, 0, 4, 12 * time.Second},
		"a part that is refused":     {&shelf{refuse: instead(429, "Retry-After", "1")}, nil, 3, 4, 15 * time.Second},
		"another part":               {&shelf{refuse: instead(206, "Content-Range", "bytes 0-2/2000000")}, nil, 0, 4, 12 * time.Second},
		"a part of another encoding": {&shelf{refuse: instead(206, "Content-Range", "bytes 300000-300002/2000000", "Content-Encoding", "zstd")}, nil, 0, 4, 12 * time.Second},
		"a part with bytes too few":  {&shelf{refuse: instead(206, "Content-Range", "bytes 300000-300002/2000000")}, nil, 0, 4, 12 * time.Second},
		"a part of another version":  {&shelf{refuse: lies(size, "ETag", `"2"`)}, nil, 0, 4, 12 * time.Second},
		"a part of no version":       {&shelf{refuse: lies(size)}, nil, 0, 4, 12 * time.Second},
		"a part of a longer file":    {&shelf{refuse: lies("9000000", "ETag", `"1"`)}, nil, 0, 4, 12 * time.Second},
		"a part of who knows what":   {&shelf{refuse: lies("*", "ETag", `"1"`)}, nil, 0, 4, 12 * time.Second},
		"the file instead of a part": {&shelf{refuse: instead(200)}, nil, 0, 4, 12 * time.Second},
		"the first connection is cut": {&shelf{refuse: func(w http.ResponseWriter, r *http.Request, n int) bool {
			if n > 1 {
				return false
			}
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Accept-Ranges", "bytes")
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = slowly{w, rate}.Write(body[:2*rate])
			panic(http.ErrAbortHandler)
		}}, nil, 0, 4, 12 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := tc.shelf
			s.body = body
			if s.rate == 0 {
				s.rate = rate
			}
			if s.encoding != "" {
				s.body = encode(body, s.encoding, 1)
				s.rate = len(s.body) / 20
			}
			bubble(t, s, func(t *testing.T, c *Client) {
				c.partBytes = int64(s.rate)
				begun := time.Now()
				got, err := collect(t, c.Download(fileOf(base+"/x", -1)), NewBuffers(2))
				if err != nil || !bytes.Equal(got, body) {
					t.Fatalf("%d of %d bytes, %v", len(got), len(body), err)
				}
				if took := time.Since(begun); took > tc.within || s.most > tc.most || s.most < cmp.Or(tc.least, tc.most) {
					t.Errorf("%s by %d connections", took, s.most)
				}
				if active := c.gates.of(c.base.Host).active; active != 0 {
					t.Errorf("%d downloads are still counted", active)
				}
			}, func(o *Options) {
				if tc.change != nil {
					tc.change(o)
				}
			})
		})
	}
}

// Files that wait come before parts of one.
func TestPartsTakeNoPlaceOfAFile(t *testing.T) {
	g := newGate(2)
	if _, err := g.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := g.tryEnter(); !ok {
		t.Error("no place, though one is free")
	}
	if _, ok := g.tryEnter(); ok {
		t.Error("a third of two places")
	}
	waiting := make(chan struct{})
	g.waiting = append(g.waiting, waiting)
	g.leave()
	<-waiting
	g.leave()
	g.waiting = append(g.waiting, make(chan struct{}))
	if _, ok := g.tryEnter(); ok {
		t.Error("a part came before a file")
	}
}
