package extract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// inTurn answers with a handler for each request in turn, and with the last from
// then on.
func inTurn(handlers ...http.HandlerFunc) http.Handler {
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := handlers[min(n, len(handlers)-1)]
		n++
		h(w, r)
	})
}

func send(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply{status, body, header}.write(w) }
}

func TestDownloadsThatFail(t *testing.T) {
	const line = "{\"a\":1}\n"
	for name, tc := range map[string]struct {
		h     http.Handler
		class Class
		err   string
		is    error
	}{
		"a login page":               {inTurn(send(200, "<html>Jane</html>", "Content-Type", "text/html; charset=utf-8")), Data, "HTML: is there a gateway", errHTML},
		"no right to":                {inTurn(send(403, "Jane")), Auth, "the file's link has expired", nil},
		"not there":                  {inTurn(send(404, "")), Request, "start the export again", ErrGone},
		"an encoding of no use":      {inTurn(send(200, "x", "Content-Encoding", "br")), Data, "Content-Encoding", nil},
		"no content":                 {inTurn(send(204, "")), Data, "not a file", nil},
		"another file than before":   {inTurn(half(line+line), send(200, "{\"b\":1}\n"+line)), Data, "changed", ErrChanged},
		"a shorter file than before": {inTurn(half(line+line), send(200, "{\"a\"")), Data, "shorter", ErrChanged},
		"a line that stays cut":      {inTurn(send(200, line+`{"name":"Jane`)), Data, "in the middle of a line", errCutLine},
		"a server that is down":      {inTurn(send(500, "Jane")), Server, "answers 500", nil},
		"busy for ever":              {inTurn(send(429, "")), Throttled, "busy", nil},
		"closed, for ever":           {inTurn(hangUp), Network, "closed the connection without an answer", nil},
		"half, and closed for ever":  {inTurn(half(strings.Repeat(line, 5000)), hangUp), Network, "closed the connection without an answer", nil},
		"no length and no chunks":    {bare(line), Data, "nothing shows where it ends", errNoEnd},
		"the same, cut in a line":    {bare(line + "{"), Network, "unexpected EOF", io.ErrUnexpectedEOF},
		"an empty one":               {bare(""), Data, "nothing shows where it ends", errNoEnd},
		"another length than before": {inTurn(partOf(line+line, 40), send(200, line+line)), Data, "changed", ErrChanged},
		"damaged compression":        {inTurn(send(200, "\x1f\x8bJane", "Content-Encoding", "gzip")), Data, "compression is damaged", nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, tc.h, func(t *testing.T, c *Client) {
				got, err := content(t, c, fileOf(base+"/x?sig=secret", -1))
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Class != tc.class || !strings.Contains(err.Error(), tc.err) || tc.is != nil && !errors.Is(err, tc.is) {
					t.Fatalf("%q, error %v, want %s: %s", got, err, tc.class, tc.err)
				}
				if strings.Contains(err.Error(), "Jane") || strings.Contains(err.Error(), "secret") {
					t.Errorf("the error tells too much: %v", err)
				}
			})
		})
	}
}

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// bare answers as HTTP/1.0 does.
func bare(body string) http.Handler {
	return &shaky{body: []byte(body), framing: "none"}
}

// partOf sends a body that should be longer, and breaks off.
func partOf(body string, length int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(length))
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// half sends the first half of a body of known length and breaks off.
func half(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out := &faultyWriter{ResponseWriter: w, request: r, plan: plan{fault: cutOff, at: len(body) / 2}}
		_, _ = io.WriteString(out, body)
	}
}

func TestDecompressionBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := bytes.Repeat([]byte("x"), 1<<20)
	for range 80 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h := send(200, bomb.String(), "Content-Encoding", "gzip")
	bubble(t, h, func(t *testing.T, c *Client) {
		if _, err := content(t, c, fileOf(base+"/x", -1)); !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
	})
	bubble(t, send(200, strings.Repeat("{}\n", 1000)), func(t *testing.T, c *Client) {
		if _, err := content(t, c, fileOf(base+"/x", -1)); !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
	}, func(o *Options) { o.MaxFileBytes = 2999 })
}

func TestTransfer(t *testing.T) {
	body := "{}\n{}\n{}"
	sum := sha256.Sum256([]byte(body))
	for name, tc := range map[string]struct {
		count, size int64
		problems    int
		short       string
	}{
		"nothing announced":                           {-1, -1, 0, ""},
		"all as announced":                            {3, 8, 0, ""},
		"the size on the wire, as some servers count": {3, int64(len(encode([]byte(body), "gzip", 1))), 0, ""},
		"a higher count":                              {4, 8, 1, "the manifest announced 4 resources, the file has 3 lines"},
		"a lower count":                               {2, 8, 1, ""},
		"a larger size":                               {3, 99, 1, "the manifest announced 99 bytes, the file has 8"},
		"a smaller size":                              {3, 7, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := send(200, string(encode([]byte(body), "gzip", 1)), "Content-Encoding", "gzip", "Server", "fhir/1")
			bubble(t, h, func(t *testing.T, c *Client) {
				f := fileOf(base+"/x", tc.count)
				f.Size, f.Type, f.TransactionTime = tc.size, "Claim", time.Unix(1, 0)
				d, begun := c.Download(f), time.Now()
				if d.Transfer().Whole {
					t.Error("whole before it began")
				}
				for p, err := range d.Pages(t.Context(), NewBuffers(1)) {
					if err != nil || p.FileID != f.ID || p.ResourceType != "Claim" || !p.TransactionTime.Equal(f.TransactionTime) || !p.RetrievedAt.Equal(begun) {
						t.Errorf("%+v, %v", p, err)
					}
				}
				got := d.Transfer()
				if !got.Whole || got.Bytes != 8 || got.Lines != 3 || got.SHA256 != hex.EncodeToString(sum[:]) || got.Server != "fhir/1" || got.Retries != 0 || len(got.Problems) != tc.problems || got.Short != tc.short {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestExpiredLinksAreRenewed(t *testing.T) {
	for name, tc := range map[string]struct {
		pages []string // what the manifest says when it is read again
		polls int
		err   error
	}{
		"new links":         {[]string{"new"}, 1, nil},
		"expired once more": {[]string{"newer", "new"}, 2, nil},
		"the same links":    {[]string{"old"}, 1, ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			polls := 0
			mux := http.NewServeMux()
			mux.HandleFunc("/r4/status", func(w http.ResponseWriter, _ *http.Request) {
				reply{status: 200, body: strings.ReplaceAll(manifestOf("", tc.pages[min(polls, len(tc.pages)-1)]), "https://h", base)}.write(w)
				polls++
			})
			mux.HandleFunc("/r4/old", send(410, ""))
			mux.Handle("/r4/newer", inTurn(half("{\"a\":1}\n{\"a\":2}\n"), send(403, "")))
			mux.HandleFunc("/r4/new", send(200, "{\"a\":1}\n{\"a\":2}\n"))
			bubble(t, mux, func(t *testing.T, c *Client) {
				f := fileOf(base+"/old", -1)
				f.links.page = mustURL(t, base+"/status")
				got, err := content(t, c, f)
				if polls != tc.polls || !errors.Is(err, tc.err) || err == nil && got != "{\"a\":1}\n{\"a\":2}\n" {
					t.Errorf("%q after %d polls, %v", got, polls, err)
				}
			})
		})
	}
}

func TestOneManifestReadServesAllItsFiles(t *testing.T) {
	polls := 0
	mux := http.NewServeMux()
	mux.HandleFunc("/r4/status", func(w http.ResponseWriter, _ *http.Request) {
		polls++
		reply{status: 200, body: strings.ReplaceAll(manifestOf("", "a", "b"), "https://h", base)}.write(w)
	})
	mux.HandleFunc("/r4/", send(200, "{}\n"))
	mux.HandleFunc("/r4/old", send(403, ""))
	bubble(t, mux, func(t *testing.T, c *Client) {
		f := fileOf(base+"/old", -1)
		f.links.page = mustURL(t, base+"/status")
		g := f
		g.index = 1
		f.links.now[key{Output, 1}] = f.links.now[key{Output, 0}]
		done := make(chan error)
		for _, file := range []File{f, g} {
			go func() {
				_, err := collect(t, c.Download(file), NewBuffers(1))
				done <- err
			}()
		}
		if err := errors.Join(<-done, <-done); err != nil || polls != 1 {
			t.Errorf("%d polls, %v", polls, err)
		}
	})
}

func TestDownloadEndsWithItsContext(t *testing.T) {
	bubble(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text(w, 200, "{}\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}), func(t *testing.T, c *Client) {
		reason := errors.New("the user has had enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(reason) })
		for _, err := range c.Download(fileOf(base+"/x", -1)).Pages(ctx, NewBuffers(1)) {
			if !errors.Is(err, reason) {
				t.Error(err)
			}
		}
		if time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) > time.Minute {
			t.Error("it went on for", time.Now())
		}
	})
}

func TestRunHasABudget(t *testing.T) {
	asks := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asks++
		w.WriteHeader(http.StatusInternalServerError)
	})
	bubble(t, h, func(t *testing.T, c *Client) {
		for range 3 {
			if _, err := content(t, c, fileOf(base+"/x", -1)); err == nil {
				t.Error("no error")
			}
		}
		if asks != 3+5 {
			t.Errorf("asked %d times", asks)
		}
	}, func(o *Options) { o.RunRetries = 5 })
}

func TestRequestRateIsLimited(t *testing.T) {
	bubble(t, send(200, ""), func(t *testing.T, c *Client) {
		begun := time.Now()
		for range 21 {
			if _, err := content(t, c, fileOf(base+"/x", -1)); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(begun); d < 9*time.Second {
			t.Errorf("21 requests in %s at 2 a second", d)
		}
	}, func(o *Options) { o.RequestsPerSecond = 2 })
}
