package pipeline

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/hook"
	"github.com/claimlake/claimlake/internal/ledger"
)

// A message is not lost, whatever becomes of the process or of who is to be told: it is
// delivered once readers see the run, and not before.
func TestHooksAreToldOfARun(t *testing.T) {
	type message struct {
		id   string
		body promoted
	}
	var got []message
	var broken atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		text, err := io.ReadAll(r.Body)
		m := message{id: r.Header.Get("Webhook-Id")}
		if err := errors.Join(err, json.Unmarshal(text, &m.body)); err != nil || strings.Contains(string(text), `"c1"`) {
			t.Errorf("%v: %s", err, text)
		}
		got = append(got, m)
	}))
	defer web.Close()
	lake := t.TempDir()
	o := options(t, lake, nil)
	o.Kind, o.Resume, o.Source = "sync", true, "payer"
	o.Hooks = []hook.Hook{{Name: "adjudication", URL: web.URL, HTTP: web.Client(), Pause: time.Millisecond}}
	s := &server{content: claimsWithout() + "{bad\n"}

	o.before = func(step string) error {
		if step == "begin promote" {
			return errDead
		}
		return nil
	}
	if _, err := Run(t.Context(), o, s); !errors.Is(err, errDead) || len(got) > 0 {
		t.Fatalf("told of a run that readers do not see: %+v, %v", got, err)
	}
	o.before = nil
	r, err := Run(t.Context(), o, s)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	m := got[0]
	if m.id != r.Run.ID+".adjudication" || m.body.Type != "run.promoted" || m.body.Source != "payer" || m.body.Lines["Claim"] != 21 || m.body.Landed["Claim"] != 20 || m.body.Rejected != 1 || m.body.Findings["warn"]+m.body.Findings["fail"] != 1 || m.body.Promoted.IsZero() {
		t.Errorf("%+v", m)
	}

	broken.Store(true)
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatalf("a hook that cannot be told fails the run: %v", err)
	}
	broken.Store(false)
	err = readLedger(t.Context(), lake, func(l *ledger.Ledger) error {
		left, err := l.Outbox(t.Context())
		if len(left) != 1 || left[0].Attempts != 1 || !strings.Contains(left[0].Error, "answers 400") {
			t.Errorf("outbox %+v", left)
		}
		if n, err := Deliver(t.Context(), l, nil, nil); n != 0 || err == nil {
			t.Errorf("a hook that is not configured: %d, %v", n, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), o, s); err != nil || len(got) != 3 || got[1].body.Number != 2 || got[2].body.Number != 3 {
		t.Errorf("%d messages, %v", len(got), err)
	}
}

// A hook that is down costs each run one wait, however many messages wait for it.
func TestHookThatIsDownIsTriedOnce(t *testing.T) {
	var told, refused atomic.Int64
	var down atomic.Bool
	down.Store(true)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			refused.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		told.Add(1)
	}))
	defer web.Close()
	o := options(t, t.TempDir(), nil)
	o.Hooks = []hook.Hook{{Name: "x", URL: web.URL, HTTP: web.Client(), Pause: time.Microsecond}}
	for n := range int64(3) {
		if _, err := Run(t.Context(), o, &server{content: claimsWithout()}); err != nil || refused.Load() != 4*(n+1) {
			t.Fatalf("run %d: %d tries, %v", n+1, refused.Load(), err)
		}
	}
	down.Store(false)
	if _, err := Run(t.Context(), o, &server{content: claimsWithout()}); err != nil || told.Load() != 4 {
		t.Errorf("told %d times, %v", told.Load(), err)
	}
}

// A promote that a crash interrupted is completed by whichever command comes next, and
// told by the next that knows the hook.
func TestHooksAreToldAfterACrash(t *testing.T) {
	told := 0
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told++ }))
	defer web.Close()
	lake := t.TempDir()
	o := options(t, lake, nil)
	o.Kind, o.Resume = "sync", true
	hooks := []hook.Hook{{Name: "x", URL: web.URL, HTTP: web.Client()}}
	o.Hooks = hooks
	o.before = func(step string) error {
		if step == "promote in the ledger" {
			return errDead
		}
		return nil
	}
	s := &server{content: claimsWithout()}
	if _, err := Run(t.Context(), o, s); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	o.before, o.Hooks = nil, nil
	if _, err := Run(t.Context(), o, s); err != nil || told != 0 {
		t.Fatalf("told %d times, %v", told, err)
	}
	o.Hooks = hooks
	if _, err := Run(t.Context(), o, s); err != nil || told != 2 {
		t.Errorf("told %d times, %v; want of the first run and of the third", told, err)
	}
}
