package embedded

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// The test binary is also the child process.
func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

// start runs a real engine, or skips loudly when libchdb is missing.
func start(t *testing.T, o Options) *Server {
	t.Helper()
	if _, err := Locate(o.Library); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// answer is what a request got.
type answer struct {
	status int
	body   string
	header http.Header
}

// post sends body with the URL parameters in query, such as "query=…".
func (s *Server) post(t *testing.T, query url.Values, body string) answer {
	t.Helper()
	return s.send(t, http.MethodPost, query, body, s.Password)
}

func (s *Server) send(t *testing.T, method string, query url.Values, body, password string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, fmt.Sprintf("http://%s/?%s", s.Addr, query.Encode()), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(s.User, password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: resp.StatusCode, body: string(text), header: resp.Header}
}
