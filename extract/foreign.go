package extract

import (
	"bytes"
	"errors"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/tidwall/gjson"
)

// maxHead is how much of a file's first line is kept to see what it is.
const maxHead = 64 << 10

// look keeps the file's first line until it shows what the file is. The error is that of a
// body that a gateway, or the server, sent in the file's place.
func (s *stream) look(p []byte) error {
	if s.base > 0 || s.looked {
		return nil
	}
	s.head = append(s.head, p[:min(len(p), maxHead)]...)
	s.head = bytes.TrimLeft(bytes.TrimPrefix(s.head, utf8BOM), " \t\r\n")
	line, _, isWhole := bytes.Cut(s.head, newline)
	if !isWhole && len(s.head) < maxHead && !s.wire.over {
		line = line[:min(len(line), 1)] // more of it is to come
	} else {
		s.looked = true
	}
	return s.foreign(bytes.TrimSpace(line))
}

var utf8BOM = []byte("\xef\xbb\xbf")

var (
	errMarkup   = errors.New("the answer is HTML or XML")
	errBinary   = errors.New("the answer is no text: it may be compressed twice, or UTF-16")
	errDocument = errors.New("the answer is one JSON document of many lines, where a file has a resource a line")
	errOutcome  = errors.New("the answer is an OperationOutcome that says why the file cannot be had")
)

// foreign is the failure of a body whose first line cannot be a file's, though its status is
// 200, whatever its Content-Type; nil where it may be the file.
func (s *stream) foreign(line []byte) error {
	e := &Error{Class: Data, Doing: downloading, URL: redact.URL(s.link)}
	switch {
	case bytes.HasPrefix(line, []byte("<")):
		e.Err, e.Advice = errMarkup, "is there a gateway or a login page in between?"
	case bytes.IndexByte(line, 0) >= 0 || bytes.HasPrefix(line, gzipMagic) || bytes.HasPrefix(line, zstdMagic):
		e.Err = errBinary
	case s.looked && (string(line) == "{" || string(line) == "["):
		e.Err = errDocument
	case s.isOutcome(line):
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
