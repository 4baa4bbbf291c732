package extract

import (
	"fmt"
	"maps"
	"net/http"
)

// begin opens the file at a mark, where the server still has the version that the
// mark is of and sends the rest of it, and else leaves it to be read from its start.
// It gives the place. A mark counts bytes of the decoded file, so the rest is asked
// for without encoding. It took long enough to be interrupted, so parts of it are
// fetched ahead from here on.
func (s *stream) begin(m Mark) (Position, error) {
	if m.Token == "" {
		return Start, nil
	}
	identity := http.Header{"Accept-Encoding": {"identity"}}
	c, err := s.connect(rest(identity, m.Offset, m.Token))
	if err != nil {
		return Start, err
	}
	p, ok := c.part()
	if !ok || p.from != m.Offset || p.size < 0 || c.encoding() != "" || c.validator() != m.Token {
		if c.res.StatusCode == http.StatusOK {
			s.spare = c
		} else {
			_ = c.Close()
		}
		return Start, nil
	}
	s.base, s.at, s.lines, s.opened = m.Offset, m.Offset, m.Line-1, c
	s.wire = &wire{stream: s, first: c, now: c, begun: p.from, at: p.from, until: p.to, size: p.size, header: identity, waited: aheadAfter}
	s.decoded = plainFrom(s.wire)
	return m.Position, nil
}

// version is what a mark of this file needs; "" where it could not be read from there:
// a checksum at the end of a compressed file is of all of it.
func (s *stream) version() string {
	if _, ok := s.decoded.(plain); !ok || s.wire.first.encoding() != "" {
		return ""
	}
	return s.wire.first.validator()
}

// rest is the header, added to others, of a request for the bytes of a file from at on,
// if it has the validator still (RFC 9110 §14.2, §13.1.5).
func rest(header http.Header, at int64, validator string) http.Header {
	h := http.Header{"Range": {fmt.Sprintf("bytes=%d-", at)}, "If-Range": {validator}}
	maps.Copy(h, header)
	return h
}
