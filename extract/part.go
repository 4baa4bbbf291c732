package extract

import (
	"net/http"
	"strconv"
	"strings"
)

// part is which bytes of an encoded file an answer has (RFC 9110 §14.4).
type part struct {
	from, to int64 // to: after the last byte
	size     int64 // of the file; -1 where the server does not know it
}

// part is what a 206 says that it is; ok is false for other answers, and where it does
// not say, or its length is another.
func (c *connection) part() (p part, ok bool) {
	if c.res.StatusCode != http.StatusPartialContent {
		return part{}, false
	}
	where, isBytes := strings.CutPrefix(c.res.Header.Get("Content-Range"), "bytes ")
	where, size, hasSize := strings.Cut(where, "/")
	from, last, hasLast := strings.Cut(where, "-")
	number := func(text string) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	p = part{from: number(from), to: number(last) + 1, size: number(size)}
	ok = isBytes && hasSize && hasLast && p.from >= 0 && p.to > p.from && (p.size < 0 || p.to <= p.size)
	return p, ok && (c.res.ContentLength < 0 || c.res.ContentLength == p.to-p.from)
}

// sameVersion reports whether an answer says to be of the same version of a file as an
// earlier one, in the same encoding. A 206 has the ETag that a 200 would have, and may
// leave out Last-Modified (RFC 9110 §15.3.7).
func (c *connection) sameVersion(earlier *connection) bool {
	was, is := earlier.res.Header, c.res.Header
	modified := is.Get("Last-Modified")
	return is.Get("ETag") == was.Get("ETag") && (modified == "" || modified == was.Get("Last-Modified")) && c.encoding() == earlier.encoding()
}
