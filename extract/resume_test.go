package extract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A server may answer the request for a file's rest in many ways. Whatever it
// says, the file is whole in the end, and nothing is in it twice.
func TestAnswersToTheRequestForTheRest(t *testing.T) {
	const body = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"
	const cutAt = len(body) / 2
	for name, tc := range map[string]struct {
		first    []string // headers of the answer that is cut
		rest     http.HandlerFunc
		ifRange  string // sent with the request for the rest; "" where none is made
		requests int
	}{
		"the rest, by ETag":                          {[]string{"ETag", `"1"`}, send(206, body[cutAt:], "Content-Range", "bytes 12-23/24", "ETag", `"1"`), `"1"`, 2},
		"the rest, by date":                          {[]string{"Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT"}, send(206, body[cutAt:], "Content-Range", "bytes 12-23/24"), "Fri, 02 Jan 2026 03:04:05 GMT", 2},
		"some of the rest, each time":                {[]string{"ETag", `"1"`}, some(body, 3), `"1"`, 5},
		"some of the rest, nobody knows of how much": {[]string{"ETag", `"1"`}, send(206, body[cutAt:16], "Content-Range", "bytes 12-15/*", "ETag", `"1"`), `"1"`, 3},
		"the rest, and more":                         {[]string{"ETag", `"1"`}, send(206, body[cutAt:]+body, "Content-Range", "bytes 12-23/24", "ETag", `"1"`), `"1"`, 3},
		"the rest of another file":                   {[]string{"ETag", `"1"`}, send(206, "{\"b\":2}\n{\"b\":3}\n"[4:], "Content-Range", "bytes 12-23/24", "ETag", `"2"`), `"1"`, 3},
		"the rest of no file":                        {[]string{"ETag", `"1"`}, send(206, body[cutAt:], "Content-Range", "bytes 12-23/24"), `"1"`, 3},
		"the rest of another day":                    {[]string{"Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT"}, send(206, body[cutAt:], "Content-Range", "bytes 12-23/24", "Last-Modified", "Sat, 03 Jan 2026 03:04:05 GMT"), "Fri, 02 Jan 2026 03:04:05 GMT", 3},
		"the rest of a longer file":                  {[]string{"ETag", `"1"`, "Content-Length", "24"}, send(206, body[cutAt:], "Content-Range", "bytes 12-23/32", "ETag", `"1"`), `"1"`, 3},
		"the whole file":                             {[]string{"ETag", `"1"`}, send(200, body), `"1"`, 2},
		"another part":                               {[]string{"ETag", `"1"`}, send(206, body[8:], "Content-Range", "bytes 8-23/24"), `"1"`, 3},
		"a part that is not said which":              {[]string{"ETag", `"1"`}, send(206, body[cutAt:]), `"1"`, 3},
		"the rest in another encoding":               {[]string{"ETag", `"1"`}, send(206, body[cutAt:], "Content-Range", "bytes 12-23/24", "Content-Encoding", "gzip"), `"1"`, 3},
		"no such range":                              {[]string{"ETag", `"1"`}, send(416, ""), `"1"`, 3},
		"no ranges by weak ETags":                    {[]string{"ETag", `W/"1"`}, send(206, "", "Content-Range", "bytes 12-23/24"), "", 2},
		"no ranges where there are none":             {[]string{"ETag", `"1"`, "Accept-Ranges", "none"}, send(206, "", "Content-Range", "bytes 12-23/24"), "", 2},
		"no ranges where nothing is said":            {nil, send(206, "", "Content-Range", "bytes 12-23/24"), "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				ranged := r.Header.Get("Range") != ""
				switch {
				case requests == 1:
					for i := 0; i < len(tc.first); i += 2 {
						w.Header().Set(tc.first[i], tc.first[i+1])
					}
					half(body)(w, r)
				case ranged && (!strings.HasPrefix(r.Header.Get("Range"), "bytes=") || requests == 2 && r.Header.Get("Range") != "bytes=12-" || r.Header.Get("If-Range") != tc.ifRange || tc.ifRange == ""):
					t.Errorf("range %q, if %q", r.Header.Get("Range"), r.Header.Get("If-Range"))
				case ranged:
					tc.rest(w, r)
				default:
					text(w, 200, body)
				}
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				if got, err := content(t, c, fileOf(base+"/x", -1)); err != nil || got != body || requests != tc.requests {
					t.Errorf("%q after %d requests, %v", got, requests, err)
				}
			}, func(o *Options) { o.FileRetries = 1 }) // less than was asked for is no failure
		})
	}
}

// some answers with at most n bytes of what is asked for.
func some(body string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var at int
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &at)
		end := min(at+n, len(body))
		send(206, body[at:end], "Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, end-1, len(body)), "ETag", `"1"`)(w, r)
	}
}

// Without length or chunks the end of a body looks like a broken connection. What
// is inside tells them apart where it is compressed, or is cut inside a line.
func TestBodyThatEndsWithItsConnection(t *testing.T) {
	const body = "{\"a\":1}\n{\"a\":2}\n"
	for name, tc := range map[string]struct {
		encoding string
		at       int // of the cut
	}{
		"nothing of a gzip file came": {"gzip", 0},
		"nothing of a zstd file came": {"zstd", 0},
		"half a gzip file came":       {"gzip", 20},
		"half a zstd file came":       {"zstd", 14},
		"half a line came":            {"", 11},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shaky{body: []byte(body), encoding: tc.encoding, framing: "none", plans: []plan{{fault: cutOff, at: tc.at}}}
			bubble(t, s, func(t *testing.T, c *Client) {
				if got, err := content(t, c, fileOf(base+"/x", 2)); err != nil || got != body || s.requests != 2 {
					t.Errorf("%q after %d requests, %v", got, s.requests, err)
				}
			})
		})
	}
}
