package extract

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/claimlake/claimlake/extract/redact"
)

// connection is one answer to a file request, and the download slot it holds.
type connection struct {
	res   *http.Response
	leave func() // nil once it is closed
}

// Close may be called again.
func (c *connection) Close() error {
	if c.leave == nil {
		return nil
	}
	c.leave()
	c.leave = nil
	return c.res.Body.Close()
}

// framed reports whether the end of the body is told apart from a broken
// connection: by its length, by chunks or by HTTP/2's frames.
func (c *connection) framed() bool {
	return c.res.ContentLength >= 0 || len(c.res.TransferEncoding) > 0 || c.res.ProtoMajor >= 2
}

// validator is the strong ETag or the date that If-Range takes (RFC 9110
// §13.1.5); "" where the server gives none or serves no ranges.
func (c *connection) validator() string {
	h := c.res.Header
	switch etag := h.Get("ETag"); {
	case h.Get("Accept-Ranges") == "none":
		return ""
	case etag != "" && !strings.HasPrefix(etag, "W/"):
		return etag
	}
	return h.Get("Last-Modified")
}

// continues reports whether the answer is the rest of a body from at on, in the
// same encoding.
func (c *connection) continues(first *connection, at int64) bool {
	start, _, _ := strings.Cut(strings.TrimPrefix(c.res.Header.Get("Content-Range"), "bytes "), "-")
	n, err := strconv.ParseInt(strings.TrimSpace(start), 10, 64)
	return c.res.StatusCode == http.StatusPartialContent && err == nil && n == at &&
		c.res.Header.Get("Content-Encoding") == first.res.Header.Get("Content-Encoding")
}

// usable reports why an answer is not a file from its start.
func (c *connection) usable(u *url.URL) *Error {
	e := &Error{Class: Data, Doing: downloading, URL: redact.URL(u), Status: c.res.StatusCode}
	switch {
	case c.res.StatusCode != http.StatusOK:
		e.Err = errors.New("the answer is not a file")
	case isHTML(c.res.Header, nil):
		e.Err, e.Advice = errHTML, "is there a gateway or a login page in between?"
	case !slices.Contains([]string{"", "gzip", "x-gzip", "zstd"}, c.encoding()):
		e.Err = errors.New("its Content-Encoding is none that was asked for: claimlake reads gzip, zstd and identity")
	default:
		return nil
	}
	return e
}

// encoding is the body's Content-Encoding, "" for identity.
func (c *connection) encoding() string {
	encoding := strings.ToLower(strings.TrimSpace(c.res.Header.Get("Content-Encoding")))
	if encoding == "identity" {
		return ""
	}
	return encoding
}

// decoder undoes a Content-Encoding. A file that is stored compressed, and sent as
// it is, is told by its first bytes.
func (c *connection) decoder(src io.Reader) (io.ReadCloser, error) {
	switch c.encoding() {
	case "gzip", "x-gzip":
		return gunzip(src)
	case "zstd":
		return unzstd(src)
	}
	return decode(src)
}

// wire is the bytes of a file as they come, still encoded. Where the server can,
// it continues a cut connection inside the file.
type wire struct {
	stream *stream
	first  *connection // from the start of the file
	now    *connection // first, or the one that continues it
	at     int64       // bytes that have come
	// err ended the connection for this wire: io.EOF at the end of the file,
	// errRestart where it has to be read from its start, an *Error, or the
	// context's. Decoders may hide it.
	err error
}

// errRestart says that a file must be read from its start.
var errRestart = errors.New("read the file again")

func (w *wire) Read(p []byte) (int, error) {
	for w.err == nil {
		n, err := w.now.res.Body.Read(p)
		w.at += int64(n)
		w.stream.received += int64(n)
		switch {
		case n > 0:
			return n, nil
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			w.err = io.EOF
		case err != nil:
			w.err = w.resume(err)
		}
	}
	return 0, w.err
}

// resume continues after a connection broke. It returns nil when there is a new
// one inside the file.
func (w *wire) resume(broken error) error {
	_ = w.now.Close()
	if err := w.stream.retry(w.stream.call().networkFailure(broken)); err != nil {
		return err
	}
	validator := w.first.validator()
	if validator == "" {
		return errRestart
	}
	c, err := w.stream.connect(http.Header{"Range": {fmt.Sprintf("bytes=%d-", w.at)}, "If-Range": {validator}})
	switch {
	case err != nil:
		return err
	case c.continues(w.first, w.at):
		w.now = c
		return nil
	case c.res.StatusCode == http.StatusOK:
		w.stream.spare = c // the file from its start: not asked for twice
	default:
		_ = c.Close()
	}
	return errRestart
}
