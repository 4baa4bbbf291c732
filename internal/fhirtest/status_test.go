package fhirtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestStatusCountsPolls(t *testing.T) {
	s := serve(t, Options{Polls: 2, RetryAfter: "1795460886997"})
	at := s.start("/$export", nil)
	for _, progress := range []string{"0%", "50%"} {
		a := s.get(at).expect(t, http.StatusAccepted)
		if a.Header.Get("X-Progress") != progress || a.Header.Get("Retry-After") != "1795460886997" || a.body != "" {
			t.Errorf("progress %q, Retry-After %q, body %q", a.Header.Get("X-Progress"), a.Header.Get("Retry-After"), a.body)
		}
	}
	a := s.get(at).expect(t, http.StatusOK)
	if a.Header.Get("Content-Type") != "application/json" {
		t.Error("the manifest is not JSON")
	}
	if expires, err := http.ParseTime(a.Header.Get("Expires")); err != nil || expires.Before(time.Now()) {
		t.Errorf("Expires %v, %v", expires, err)
	}
	if e := s.Exports()[0]; e.Polls != 2 || !e.Done || e.Level != "system" || e.Deleted {
		t.Errorf("the server knows %+v", e)
	}
}

func TestStatusPolledTooFast(t *testing.T) {
	s := serve(t, Options{MinPoll: 1500 * time.Millisecond})
	now := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	s.SetNow(func() time.Time { return now })
	at := s.start("/$export", nil)
	s.get(at).expect(t, http.StatusOK)
	now = now.Add(400 * time.Millisecond)
	if a := s.get(at).expect(t, http.StatusTooManyRequests); a.Header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
	now = now.Add(1500 * time.Millisecond)
	s.get(at).expect(t, http.StatusOK)
}

func TestStatusSeparate(t *testing.T) {
	s := serve(t, Options{Version: "stu4", Polls: 1, Faults: []Fault{{Kind: Kickoff, Attempt: 2, Fail: 500}}})
	begin := func() string {
		a := s.do(http.MethodPost, "/$export", `{"resourceType":"Parameters"}`, "Prefer", "respond-async, separate-export-status", "Accept", fhirJSON, "Content-Type", fhirJSON)
		if a.expect(t, http.StatusAccepted).Header.Get("Preference-Applied") != "separate-export-status" {
			t.Error("the preference was not applied")
		}
		return a.Header.Get("Content-Location")
	}
	for _, last := range []string{"200 OK", "500 Internal Server Error"} {
		at := begin()
		for _, want := range []string{"202 Accepted", last} {
			if got := s.get(at).expect(t, http.StatusOK).Header.Get("X-Export-Status"); got != want {
				t.Errorf("X-Export-Status %q, want %q", got, want)
			}
		}
	}
}

func TestStatusOfAFailedExport(t *testing.T) {
	s := serve(t, Options{Faults: []Fault{{Kind: Kickoff, Fail: 500}}})
	a := s.get(s.start("/$export", nil)).expect(t, 500)
	if !strings.Contains(a.body, "OperationOutcome") || a.Header.Get("Content-Type") != "application/fhir+json" {
		t.Errorf("the failure is %s", a.body)
	}
}

func TestDeleteEndsAnExport(t *testing.T) {
	for name, polls := range map[string]int{"while it runs": 1, "when it is done": 0} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, Options{Polls: polls})
			at := s.start("/$export", url.Values{"_since": {"2024-01-01T00:00:00Z"}})
			var files []manifestFile
			if polls == 0 {
				files = s.get(at).manifest(t).Output
			}
			s.do(http.MethodDelete, at, "").expect(t, http.StatusAccepted)
			s.do(http.MethodDelete, at, "").expect(t, http.StatusNotFound)
			s.get(at).expect(t, http.StatusNotFound)
			for _, f := range files {
				s.get(f.URL).expect(t, http.StatusNotFound)
			}
			if !s.Exports()[0].Deleted {
				t.Error("the server does not know")
			}
		})
	}
}

func TestExportsExpire(t *testing.T) {
	s := serve(t, Options{})
	now := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	s.SetNow(func() time.Time { return now })
	at := s.start("/$export", nil)
	f := s.get(at).manifest(t).Output[0]
	now = now.Add(exportLife + time.Second)
	s.get(at).expect(t, http.StatusNotFound)
	s.get(f.URL).expect(t, http.StatusNotFound)
}

func TestSecondExportIsTooMany(t *testing.T) {
	s := serve(t, Options{MaxExports: 1})
	at := s.start("/$export", nil)
	if a := s.get("/$export", async...).expect(t, http.StatusTooManyRequests); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.get(at).expect(t, http.StatusOK)
	second := s.start("/$export", nil)
	s.do(http.MethodDelete, second, "").expect(t, http.StatusAccepted)
	s.start("/$export", nil)
}

func TestRestart(t *testing.T) {
	s := serve(t, Options{})
	at := s.start("/$export", nil)
	s.Restart(false)
	s.get(at).expect(t, http.StatusOK)
	s.Restart(true)
	s.get(at).expect(t, http.StatusNotFound)
	if len(s.Exports()) != 0 {
		t.Error("the exports are still there")
	}
}
