package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"
)

func TestSecretNeverShows(t *testing.T) {
	const text = "hunter2hunter2"
	s := New(text)
	nested := struct {
		Open   Secret
		hidden Secret
	}{s, s}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "secret", s, "nested", nested)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", s, "nested", nested)
	marshalled, err := json.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d %v %+v %#v", s, s, s, s, s, s, s, nested, nested, &nested)
	if all := logged.String() + string(marshalled) + printed; strings.Contains(all, text) || strings.Contains(all, fmt.Sprintf("%x", text)) {
		t.Errorf("the secret shows in %s", all)
	}
	if s.Reveal() != text || (Secret{}).Reveal() != "" {
		t.Error("Reveal does not give what New took")
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h:8443/a%20b/x.ndjson?sig=1#f": "https://h:8443/a%20b/x.ndjson",
		"https://h": "https://h",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(u); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
	if URL(nil) != "" {
		t.Error("no URL has a text")
	}
}

func TestCause(t *testing.T) {
	const secret = "sig=hunter2"
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"an end is none":                  {&url.Error{Op: "Get", URL: "https://h/x?" + secret, Err: fmt.Errorf("transport: %w", io.EOF)}, "the server closed the connection without an answer"},
		"the URL goes":                    {&url.Error{Op: "Get", URL: "https://h/x?" + secret, Err: io.ErrUnexpectedEOF}, "unexpected EOF"},
		"what the network says stays":     {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, "dial: connection refused"},
		"what a server wrote goes":        {&url.Error{Err: errors.New(`malformed HTTP response "Jane Doe"`)}, "connection failed (*errors.errorString)"},
		"what a bad redirect points to":   {fmt.Errorf("failed to parse Location header %q", "https://h/?"+secret), "connection failed (*fmt.wrapError)"},
		"what we say ourselves is public": {&url.Error{Err: Public("redirect refused")}, "redirect refused"},
	} {
		t.Run(name, func(t *testing.T) {
			if errors.Is(Cause(tc.err), io.EOF) {
				t.Error("it can be taken for an end")
			}
			got := Cause(tc.err).Error()
			if strings.Contains(got, secret) || (got != tc.want && !strings.HasPrefix(got, "connection failed")) {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
