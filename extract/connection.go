package extract

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
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
	begun  int64       // where now began
	at     int64       // of the next byte, in the encoded file
	until  int64       // where the part ends that now has; -1 where it has all
	size   int64       // of the encoded file; -1 where the server does not say
	header http.Header // of each request for a part; nil for the usual

	ahead    *ahead // nil while nothing is fetched ahead
	failures int    // of parts
	waited   time.Duration

	over  bool  // the bytes came to an end
	proof proof // that it is the file's
	// err broke the wire: errRestart where the file has to be read from its start, an
	// *Error, or the context's. Decoders may hide it.
	err error
}

// errRestart says that a file must be read from its start.
var errRestart = errors.New("read the file again")

// Read implements io.Reader. io.EOF says that the bytes came to an end; whether that is
// the file's, proof says.
func (w *wire) Read(p []byte) (int, error) {
	for w.err == nil && !w.over {
		if part := w.ahead.take(w.at); part != nil {
			w.err = w.next(part)
			continue
		}
		begun := time.Now()
		n, err := w.read(p[:w.ahead.room(w.at, len(p))])
		w.at += int64(n)
		w.stream.received += int64(n)
		w.slow(time.Since(begun))
		switch {
		case n > 0:
			return n, nil
		case err == io.EOF: //nolint:errorlint // an error that wraps it is no end
			w.err = w.stopped()
		case err != nil:
			w.err = w.resume(err)
		}
	}
	if w.over {
		return 0, io.EOF
	}
	return 0, w.err
}

// read reads from the connection, up to the end of the part that it is.
func (w *wire) read(p []byte) (int, error) {
	if w.until >= 0 && w.at+int64(len(p)) > w.until {
		p = p[:w.until-w.at]
	}
	if len(p) == 0 {
		return 0, io.EOF
	}
	return w.now.res.Body.Read(p)
}

// stopped says what the end of the connection's body is: the file's, or that of a part.
// A server may send less than what was asked for; then it is asked for the rest (RFC
// 9110 §15.3.7).
func (w *wire) stopped() error {
	switch {
	case w.size >= 0 && w.at < w.size && w.ahead != nil:
		return w.nextPart()
	case w.size >= 0 && w.at < w.size && w.at > w.begun:
		_ = w.now.Close()
		return w.reconnect()
	case w.size >= 0 && w.at < w.size:
		return w.resume(io.ErrUnexpectedEOF)
	case w.size >= 0:
		w.proof = byLength
	case w.now.framed():
		w.proof = byFraming
	}
	w.over = true
	return nil
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
	case w.goOn(c):
		return nil
	case c.res.StatusCode == http.StatusOK:
		w.stream.spare = c // the file from its start: not asked for twice
	default:
		_ = c.Close()
	}
	return errRestart
}

// goOn takes an answer that is of the same file, from where the wire is. Without a
// length nothing would show where the file ends.
func (w *wire) goOn(c *connection) bool {
	p, ok := c.part()
	if !ok || p.from != w.at || !c.sameVersion(w.first) || p.size >= 0 && w.size >= 0 && p.size != w.size || max(p.size, w.size) < 0 {
		return false
	}
	w.now, w.begun, w.until, w.size = c, p.from, p.to, max(p.size, w.size)
	return true
}
