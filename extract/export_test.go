package extract

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// content reads a file through its pages.
func content(t *testing.T, c *Client, f File) (string, error) {
	t.Helper()
	var out bytes.Buffer
	for p, err := range c.Download(f).Pages(t.Context(), NewBuffers(1)) {
		if err != nil {
			return out.String(), err
		}
		out.Write(p.Data)
	}
	return out.String(), nil
}

func TestExportFromKickoffToDelete(t *testing.T) {
	claims := strings.Repeat(`{"resourceType":"Claim"}`+"\n", 7000)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r4/metadata", http.NotFound)
	mux.HandleFunc("GET /r4/$export", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Prefer") != "respond-async" || r.Header.Get("Accept") != "application/fhir+json" || r.URL.RawQuery != "_type=Claim" {
			t.Errorf("kick-off %s %v", r.URL, r.Header)
		}
		w.Header().Set("Content-Location", "/r4/status/1")
		w.WriteHeader(http.StatusAccepted)
	})
	polls := 0
	mux.HandleFunc("GET /r4/status/1", func(w http.ResponseWriter, r *http.Request) {
		polls++
		if polls < 5 {
			w.Header().Set("X-Progress", "5%, working")
			w.WriteHeader(http.StatusAccepted)
			return
		}
		_, _ = io.WriteString(w, `{"transactionTime":"2026-01-02T03:04:05Z","requiresAccessToken":false,"output":[{"type":"Claim","url":"../files/1.ndjson","count":7000}]}`)
	})
	mux.HandleFunc("GET /r4/files/1.ndjson", func(w http.ResponseWriter, r *http.Request) { text(w, 200, claims) })
	deleted := false
	mux.HandleFunc("DELETE /r4/status/1", func(w http.ResponseWriter, r *http.Request) {
		deleted = true
		w.WriteHeader(http.StatusAccepted)
	})
	bubble(t, mux, func(t *testing.T, c *Client) {
		ctx := t.Context()
		job, err := c.Kickoff(ctx, Export{Level: System, Types: []string{"Claim"}})
		if err != nil || job.StatusURL != base+"/status/1" {
			t.Fatal(job, err)
		}
		var progress []Progress
		m, err := c.Wait(ctx, job, time.Hour, Watch{Progress: func(p Progress) error { progress = append(progress, p); return nil }})
		if err != nil || len(progress) != 4 || progress[0].Percent != "5%" {
			t.Fatal(progress, err)
		}
		if len(m.Output) != 1 || m.Output[0].Type != "Claim" || m.Output[0].ID != "output-000001" || !m.Complete {
			t.Fatalf("%+v", m)
		}
		if got, err := content(t, c, m.Output[0]); got != claims || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if err := c.Delete(ctx, job); err != nil || !deleted {
			t.Error(err, deleted)
		}
	})
}
