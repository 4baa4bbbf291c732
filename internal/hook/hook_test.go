package hook

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

func TestPostIsTriedAgainWhereThatMayHelp(t *testing.T) {
	for name, tc := range map[string]struct {
		answers []int // in turn, the last for ever
		tries   int
		ok      bool
	}{
		"taken":            {[]int{204}, 1, true},
		"busy, then taken": {[]int{503, 429, 200}, 3, true},
		"always failing":   {[]int{500}, tries, false},
		"refused":          {[]int{401}, 1, false},
		"moved":            {[]int{410}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			var ids []string
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ids = append(ids, r.Header.Get("Webhook-Id"))
				w.WriteHeader(tc.answers[min(len(ids), len(tc.answers))-1])
				_, _ = io.WriteString(w, "SECRET")
			}))
			defer web.Close()
			h := Hook{Name: "x", URL: web.URL + "/?token=SECRET", HTTP: web.Client(), Pause: time.Millisecond}
			err := h.Send(t.Context(), "m1", []byte("{}"))
			if (err == nil) != tc.ok || len(ids) != tc.tries || slices.ContainsFunc(ids, func(id string) bool { return id != "m1" }) {
				t.Errorf("%d tries, %v", len(ids), err)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// The example of the Standard Webhooks specification.
func TestSignatureIsThatOfStandardWebhooks(t *testing.T) {
	got := sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	header := make(chan http.Header, 1)
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { header <- r.Header }))
	defer web.Close()
	h := Hook{Name: "x", URL: web.URL, HTTP: web.Client(), Secret: redact.New("s")}
	if err := h.Send(t.Context(), "m1", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if got := <-header; got.Get("Webhook-Signature") != "v1,"+sign("s", "m1", got.Get("Webhook-Timestamp"), []byte("{}")) {
		t.Errorf("headers %v", got)
	}
}

func TestCommandGetsTheMessageAndNoSecret(t *testing.T) {
	t.Setenv("A_SECRET", "SECRET")
	out := filepath.Join(t.TempDir(), "out")
	h := Hook{Name: "x", Command: []string{"/bin/sh", "-c", "cat > " + out + "; env >> " + out}}
	if err := h.Send(t.Context(), "m1", []byte("{\"a\":1}\n")); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(got), "{\"a\":1}\n") || strings.Contains(string(got), "SECRET") {
		t.Errorf("%q, %v", got, err)
	}
	for _, command := range [][]string{{"/bin/sh", "-c", "exit 3"}, {"/not/there"}} {
		if err := (Hook{Name: "x", Command: command}).Send(t.Context(), "m1", nil); err == nil {
			t.Errorf("%q was no error", command)
		}
	}
}
