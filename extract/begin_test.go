package extract

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// After an interruption a file goes on after its last durable page where the server
// has that version still and sends parts, and else comes again from its start.
func TestDownloadFromAMark(t *testing.T) {
	const head, tail = "{\"a\":1}\n", "{\"a\":2}\n{\"a\":3}\n"
	mark := Mark{Position{Line: 2, Offset: int64(len(head))}, `"1"`}
	for name, tc := range map[string]struct {
		mark     Mark
		answer   http.HandlerFunc
		want     string // what comes
		first    int64  // its first line
		ranged   bool   // the rest was asked for
		requests int
		whole    bool // the hash is of all of the file
	}{
		"the rest":                       {mark, send(206, tail, "Content-Range", "bytes 8-23/24", "ETag", `"1"`), tail, 2, true, 1, false},
		"another version":                {mark, send(200, head+tail, "ETag", `"2"`), head + tail, 1, true, 1, true},
		"another part":                   {mark, send(206, tail[8:], "Content-Range", "bytes 16-23/24", "ETag", `"1"`), head + tail, 1, true, 2, true},
		"the rest, compressed":           {mark, send(206, string(encode([]byte(tail), "gzip", 1)), "Content-Range", "bytes 8-23/24", "Content-Encoding", "gzip"), head + tail, 1, true, 2, true},
		"no such part":                   {mark, send(416, ""), head + tail, 1, true, 2, true},
		"a mark that none can go on at":  {Mark{mark.Position, ""}, send(200, head+tail), head + tail, 1, false, 1, true},
		"the rest, cut, and the rest of": {mark, cut(tail, "Content-Range", "bytes 8-23/24", "ETag", `"1"`), tail, 2, true, 2, false},
		"the rest, cut, and all":         {mark, cut(tail, "Content-Range", "bytes 8-23/24", "ETag", `"1"`, "X-Then", "all"), tail, 2, true, 2, false},
		"a part of another version":      {mark, send(206, tail, "Content-Range", "bytes 8-23/24", "ETag", `"2"`), head + tail, 1, true, 2, true},
		"a part of no version":           {mark, send(206, tail, "Content-Range", "bytes 8-23/24"), head + tail, 1, true, 2, true},
		"a part, and the rest of it":     {mark, send(206, tail[:8], "Content-Range", "bytes 8-15/24", "ETag", `"1"`), tail, 2, true, 2, false},
		"a part of who knows how much":   {mark, send(206, tail, "Content-Range", "bytes 8-23/*", "ETag", `"1"`), head + tail, 1, true, 2, true},
		"a part that is longer":          {mark, send(206, tail+tail, "Content-Range", "bytes 8-23/24", "ETag", `"1"`), head + tail, 1, true, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			requests, all := 0, false
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch requests++; {
				case requests == 1 && tc.ranged:
					if r.Header.Get("Range") != "bytes=8-" || r.Header.Get("If-Range") != `"1"` || r.Header.Get("Accept-Encoding") != "identity" {
						t.Errorf("asked with %v", r.Header)
					}
					defer func() { all = w.Header().Get("X-Then") != "" }()
					tc.answer(w, r)
				case all:
					send(200, head+tail, "ETag", `"1"`)(w, r)
				case r.Header.Get("Range") != "" && r.Header.Get("Accept-Encoding") == "identity":
					at := len(head) + len(tail)/2
					send(206, (head + tail)[at:], "Content-Range", "bytes 16-23/24", "ETag", `"1"`)(w, r)
				default:
					text(w, 200, head+tail)
				}
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				d := c.Download(fileOf(base+"/x", 3)).From(tc.mark)
				var got strings.Builder
				first := int64(0)
				for p, err := range d.Pages(t.Context(), NewBuffers(1)) {
					if err != nil {
						t.Fatal(err)
					}
					if first == 0 {
						first = p.First
					}
					got.Write(p.Data)
				}
				sent := d.Transfer()
				if got.String() != tc.want || first != tc.first || requests != tc.requests {
					t.Errorf("%q from line %d after %d requests", got.String(), first, requests)
				}
				if !sent.Whole || sent.Bytes != 24 || sent.Lines != 3 || len(sent.Problems) > 0 || (sent.SHA256 != "") != tc.whole {
					t.Errorf("%+v", sent)
				}
			})
		})
	}
}

// What was read of a file before an interruption is not there to be compared: from its
// start it may only come again in the same version.
func TestNoOtherFileIsJoinedToAMark(t *testing.T) {
	const head, tail = "{\"a\":1}\n", "{\"a\":2}\n{\"a\":3}\n"
	for name, then := range map[string]http.HandlerFunc{
		"another ETag":   send(200, "{\"b\":1}\n"+tail, "ETag", `"2"`),
		"no ETag":        send(200, head+tail),
		"another length": send(200, head+tail+tail, "ETag", `"1"`),
	} {
		t.Run(name, func(t *testing.T) {
			h := inTurn(cut(tail, "Content-Range", "bytes 8-23/24", "ETag", `"1"`), then)
			bubble(t, h, func(t *testing.T, c *Client) {
				d := c.Download(fileOf(base+"/x", -1)).From(Mark{Position{Line: 2, Offset: int64(len(head))}, `"1"`})
				if got, err := collectFrom(t, d, Position{2, int64(len(head))}); !errors.Is(err, ErrChanged) || d.Transfer().Whole {
					t.Errorf("%q, %v", got, err)
				}
			})
		})
	}
}

// cut sends half of a part of a file and breaks off.
func cut(body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.Header().Set("Content-Length", "16")
		w.WriteHeader(http.StatusPartialContent)
		half(body)(w, r)
	}
}

// Only of a version that is sent as it is can a part be asked for later.
func TestPagesHaveTheVersionOfTheirFile(t *testing.T) {
	const body = "{\"a\":1}\n"
	for name, tc := range map[string]struct {
		header []string
		body   string
		want   string
	}{
		"an ETag":             {[]string{"ETag", `"1"`}, body, `"1"`},
		"a weak ETag":         {[]string{"ETag", `W/"1"`}, body, ""},
		"no parts":            {[]string{"ETag", `"1"`, "Accept-Ranges", "none"}, body, ""},
		"sent compressed":     {[]string{"ETag", `"1"`, "Content-Encoding", "gzip"}, string(encode([]byte(body), "gzip", 1)), ""},
		"a compressed file":   {[]string{"ETag", `"1"`}, string(encode([]byte(body), "gzip", 1)), ""},
		"nothing to go on by": {nil, body, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, send(200, tc.body, tc.header...), func(t *testing.T, c *Client) {
				for p, err := range c.Download(fileOf(base+"/x", 1)).Pages(t.Context(), NewBuffers(1)) {
					if err != nil || p.Token != tc.want || string(p.Data) != body {
						t.Errorf("%q, %q, %v", p.Data, p.Token, err)
					}
				}
			})
		})
	}
}
