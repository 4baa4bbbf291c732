package extract

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

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
	return c.isRest(at) && c.res.Header.Get("Content-Encoding") == first.res.Header.Get("Content-Encoding")
}

// isRest reports whether the answer is the rest of a body from at on.
func (c *connection) isRest(at int64) bool {
	start, _, _ := strings.Cut(strings.TrimPrefix(c.res.Header.Get("Content-Range"), "bytes "), "-")
	n, err := strconv.ParseInt(strings.TrimSpace(start), 10, 64)
	return c.res.StatusCode == http.StatusPartialContent && err == nil && n == at
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
	first  *connection // from the start of the file, or from a mark
	now    *connection // first, or the one that continues it, or a part that was fetched ahead
	at     int64       // of the next byte, in the encoded file
	size   int64       // of the encoded file; -1 where the server does not say
	header http.Header // of each request for a part; nil for the usual

	ahead    *ahead // nil while nothing is fetched ahead
	failures int    // of parts
	waited   time.Duration
	// err ended the connection for this wire: io.EOF at the end of the file,
	// errRestart where it has to be read from its start, an *Error, or the
	// context's. Decoders may hide it.
	err error
}

// errRestart says that a file must be read from its start.
var errRestart = errors.New("read the file again")

func (w *wire) Read(p []byte) (int, error) {
	for w.err == nil {
		if part := w.ahead.take(w.at); part != nil {
			w.err = w.next(part)
			continue
		}
		begun := time.Now()
		n, err := w.now.res.Body.Read(p[:w.ahead.room(w.at, len(p))])
		w.at += int64(n)
		w.stream.received += int64(n)
		w.slow(time.Since(begun))
		switch {
		case n > 0:
			return n, nil
		case errors.Is(err, io.EOF) && w.ahead != nil && w.at < w.size:
			w.err = w.behind()
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			w.err = io.EOF
		case err != nil:
			w.err = w.resume(err)
		}
	}
	return 0, w.err
}

// Close gives up the connection, and what was asked for ahead.
func (w *wire) Close() {
	w.stopAhead()
	_ = w.now.Close()
}

// resume continues after a connection broke. It returns nil when there is a new
// one inside the file.
func (w *wire) resume(broken error) error {
	_ = w.now.Close()
	if err := w.stream.retry(w.stream.call().networkFailure(broken)); err != nil {
		return err
	}
	return w.reconnect()
}

// reconnect asks for the rest of the file from where the wire is.
func (w *wire) reconnect() error {
	validator := w.first.validator()
	if validator == "" {
		return errRestart
	}
	c, err := w.stream.connect(rest(w.header, w.at, validator))
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
