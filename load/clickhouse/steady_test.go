package clickhouse

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// deaf is a way to an engine on which the answer to one request is lost, after the engine
// has done what was asked.
type deaf struct {
	*httputil.ReverseProxy
	asked, loses atomic.Int64
}

func (d *deaf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.asked.Add(1) != d.loses.Load() {
		d.ReverseProxy.ServeHTTP(w, r)
		return
	}
	d.ReverseProxy.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// Whichever of ClickHouse's answers is lost while tables are made, a run is shown or is
// recorded, it is asked again, and the tables are as if none had been.
func TestLostAnswerIsAskedForAgain(t *testing.T) {
	was := pauses
	pauses = [len(pauses)]time.Duration{}
	t.Cleanup(func() { pauses = was })
	srv := engine(t, t.TempDir())
	way := &deaf{ReverseProxy: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: srv.Addr})}
	proxy := httptest.NewServer(way)
	t.Cleanup(proxy.Close)
	host, port, err := net.SplitHostPort(proxy.Listener.Addr().String())
	must(t, err)
	first := []claim{{source: "payer-a", id: "1", version: 1, note: "a", items: []int32{1, 2}}, {source: "payer-a", id: "2", version: 1, note: "a", items: []int32{1}}}
	second := []claim{{source: "payer-a", id: "1", version: 2, note: "b", items: []int32{1}}}
	want := []string{"1|b", "1|a"}
	slices.Sort(want)
	run := func(database string, lost int64) (asked int64) {
		s, err := Open(t.Context(), Options{Addr: net.JoinHostPort(host, port), HTTP: true, User: srv.User, Database: database, Password: func() (string, error) { return srv.Password, nil }})
		must(t, err)
		defer s.Close() //nolint:errcheck // a test's
		way.asked.Store(0)
		way.loses.Store(lost)
		must(t, s.Migrate(t.Context(), testClaims))
		for n, claims := range [][]claim{first, second} {
			r := s.begin(t, uint32(n+1))
			load(t, r.NewWriter(), uint32(n+1), claims)
			must(t, s.RecordRun(t.Context(), RunRow{RunID: "r", RunNumber: uint32(n + 1), Source: "payer-a", Started: time.Now(), Finished: time.Now()}))
			_, err := r.Promote(context.Background())
			must(t, err)
		}
		asked = way.asked.Load()
		way.loses.Store(0)
		if got := s.lines(t, "SELECT position, note FROM claim_item ORDER BY position, note"); !slices.Equal(got, want) {
			t.Errorf("without the answer to request %d: %q", lost, got)
		}
		return asked
	}
	all := run("whole", 0)
	if all < 20 {
		t.Fatalf("%d requests only", all)
	}
	step := int64(6) // a sixth of them each time, and all with CLAIMLAKE_SOAK=1
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		step = 1
	}
	for lost := 1 + rand.Int64N(step); lost <= all; lost += step {
		run("lost", lost)
		s := open(t, srv, "lost")
		must(t, s.conn.Exec(t.Context(), "DROP DATABASE lost"))
	}
}
