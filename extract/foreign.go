package extract

import (
	"bytes"
	"errors"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/tidwall/gjson"
)

// maxHead is how much of a file's first line is kept to see what it is.
const maxHead = 64 << 10

// keepHead keeps the file's first line, as far as it is needed to see what the file is.
func (s *stream) keepHead(p []byte) {
	if s.base > 0 || len(s.head) >= maxHead || bytes.IndexByte(s.head, '\n') >= 0 {
		return
	}
	s.head = append(s.head, p[:min(len(p), maxHead)]...)
	s.head = bytes.TrimLeft(bytes.TrimPrefix(s.head, utf8BOM), " \t\r\n")
}

var utf8BOM = []byte("\xef\xbb\xbf")

var (
	errMarkup   = errors.New("the answer is HTML or XML")
	errBinary   = errors.New("the answer is no text: it may be compressed twice, or UTF-16")
	errDocument = errors.New("the answer is one JSON document of many lines, where a file has a resource a line")
	errOutcome  = errors.New("the answer is an OperationOutcome that says why the file cannot be had")
)

// isForeign is the failure of a body that a gateway, or the server, sent in the file's
// place with status 200, whatever its Content-Type; nil where it may be the file.
func (s *stream) isForeign() error {
	line, _, isWhole := bytes.Cut(s.head, newline)
	line = bytes.TrimSpace(line)
	isWhole = isWhole || s.wire.over
	e := &Error{Class: Data, Doing: downloading, URL: redact.URL(s.link)}
	switch {
	case bytes.HasPrefix(line, []byte("<")):
		e.Err, e.Advice = errMarkup, "is there a gateway or a login page in between?"
	case bytes.IndexByte(line, 0) >= 0 || bytes.HasPrefix(line, gzipMagic) || bytes.HasPrefix(line, zstdMagic):
		e.Err = errBinary
	case isWhole && (string(line) == "{" || string(line) == "["):
		e.Err = errDocument
	case isWhole && s.isOutcome(line):
		e.Err, e.Codes = errOutcome, issueCodes(line)
	default:
		return nil
	}
	return e
}

// isOutcome reports whether a file of another type begins with an OperationOutcome that
// tells of an error.
func (s *stream) isOutcome(line []byte) bool {
	isElsewhere := s.file.Kind == Output && s.file.Type != "" && s.file.Type != "OperationOutcome"
	return isElsewhere && bytes.Contains(line, []byte(`"OperationOutcome"`)) && isSerious(gjson.ParseBytes(line))
}
