package extract

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"

	"github.com/claimlake/claimlake/extract/redact"
)

// Limits against decompression bombs. Claims shrink to a twentieth, and the same
// line over and over to a two-hundredth; a gzip of zeros to a thousandth.
const (
	maxRatio      = 400
	ratioFromSize = 64 << 20 // decoded bytes, below which the ratio is not looked at
)

const downloading = "download"

// stream is a file's decoded bytes as one reader, whatever happens to the
// connections below it.
//
//	connection ──▶ wire (continues by Range) ──▶ decoder ──▶ stream (re-reads, checks)
type stream struct {
	ctx    context.Context //nolint:containedctx // of the one download that the stream is
	client *Client
	file   File
	tries  *tries
	link   *url.URL
	stale  bool // link was renewed and has not worked since

	wire    *wire
	decoded io.ReadCloser
	spare   *connection // an answer from the file's start that is not read yet
	here    int64       // bytes decoded from this wire

	at   int64     // bytes given to the reader
	last byte      // of these
	sum  hash.Hash // SHA-256 of these
	seen int64     // at, at the last failure

	ended    error  // io.EOF, or why there is no more
	received int64  // bytes that came, encoded, of all connections
	server   string // Server header of the last answer
}

func (c *Client) stream(ctx context.Context, f File) *stream {
	return &stream{ctx: ctx, client: c, file: f, tries: c.tries(), link: f.url(), sum: sha256.New()}
}

// Read implements io.Reader. io.EOF is the file's end and nothing else; any other
// error is an *Error or the context's, and final.
func (s *stream) Read(p []byte) (n int, err error) {
	for n == 0 && s.ended == nil {
		if s.decoded == nil {
			s.ended = s.open()
			continue
		}
		if n, err = s.decoded.Read(p); n > 0 {
			s.ended = s.took(p[:n])
		} else if err != nil {
			s.ended = s.end(err)
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, s.ended
}

// took accounts for bytes that go to the reader.
func (s *stream) took(p []byte) error {
	s.at += int64(len(p))
	s.here += int64(len(p))
	s.last = p[len(p)-1]
	s.sum.Write(p)
	switch {
	case s.at > s.client.o.MaxFileBytes:
		return s.failure(fmt.Errorf("%w: more than %d bytes", ErrTooLarge, s.client.o.MaxFileBytes))
	case s.here > ratioFromSize && s.here/maxRatio > s.wire.at:
		return s.failure(fmt.Errorf("%w: it unpacks to more than %d times its size", ErrTooLarge, maxRatio))
	}
	return nil
}

// end says what the decoder's end means: io.EOF, a final error, or nil where the
// file is to be read again.
func (s *stream) end(err error) error {
	switch cause := s.wire.err; {
	case errors.Is(cause, errRestart):
		s.drop()
		return nil
	case cause != nil && !errors.Is(cause, io.EOF):
		return cause // of the connection, whatever the decoder made of it
	case !errors.Is(err, io.EOF):
		e := s.failure(fmt.Errorf("its compression is damaged: %w", err))
		e.again = true
		return s.again(e)
	case !s.wire.now.framed() && s.at > 0 && s.last != '\n':
		return s.again(s.call().networkFailure(io.ErrUnexpectedEOF))
	}
	return io.EOF
}

// again waits until the file may be read again from its start.
func (s *stream) again(e *Error) error {
	s.drop()
	return s.retry(e)
}

// retry waits until a request may be sent again. Bytes since the last failure
// make it the first in a row.
func (s *stream) retry(e *Error) error {
	if s.at > s.seen {
		s.seen = s.at
		s.tries.progress()
	}
	return s.client.retry(s.ctx, s.tries, e)
}

// open reads the file from its start, up to where the reader is.
func (s *stream) open() error {
	c := s.spare
	s.spare = nil
	if c == nil {
		var err error
		if c, err = s.connect(nil); err != nil {
			return err
		}
	}
	if failure := c.usable(s.link); failure != nil {
		_ = c.Close()
		return failure
	}
	s.wire, s.here = &wire{stream: s, first: c, now: c}, 0
	decoded, err := decode(s.wire)
	if err != nil {
		return s.end(err)
	}
	s.decoded = decoded
	return s.skip()
}

// skip reads over what the reader has, and checks that it is still the same.
func (s *stream) skip() error {
	sum := sha256.New()
	n, err := io.CopyN(sum, s.decoded, s.at)
	s.here += n
	switch {
	case errors.Is(err, io.EOF) && errors.Is(s.wire.err, io.EOF) && s.wire.now.framed():
		return s.failure(fmt.Errorf("%w: it is shorter now", ErrChanged))
	case errors.Is(err, io.EOF):
		return s.again(s.call().networkFailure(io.ErrUnexpectedEOF))
	case err != nil:
		return s.end(err)
	case string(sum.Sum(nil)) != string(s.sum.Sum(nil)):
		return s.failure(ErrChanged)
	}
	return nil
}

// connect sends a file request until it is answered. A link that has expired is
// renewed once between two answers.
func (s *stream) connect(header http.Header) (*connection, error) {
	for {
		c, failure := s.connectOnce(header)
		if failure == nil {
			s.stale = false
			return c, nil
		}
		if failure.Status == http.StatusRequestedRangeNotSatisfiable && header != nil {
			header = nil
			continue
		}
		if s.renew(failure) {
			continue
		}
		if err := s.retry(failure); err != nil {
			return nil, err
		}
	}
}

func (s *stream) connectOnce(header http.Header) (*connection, *Error) {
	c, call := s.client, s.call()
	for name, values := range header {
		call.header[name] = values
	}
	round, err := c.gate.enter(s.ctx)
	if err != nil {
		return nil, call.networkFailure(err)
	}
	res, failure := c.attempt(s.ctx, call, s.tries) //nolint:bodyclose // the connection closes it
	if failure != nil {
		if failure.Class == Throttled {
			c.gate.throttled(round)
		}
		c.gate.leave()
		return nil, failure
	}
	c.gate.answered()
	s.server = res.Header.Get("Server")
	return &connection{res: res, leave: c.gate.leave}, nil
}

// renew gets another link where the failure may mean that the old has expired.
func (s *stream) renew(e *Error) bool {
	expired := e.Status == http.StatusForbidden || e.Status == http.StatusNotFound || e.Status == http.StatusGone
	if !expired || s.stale {
		return false
	}
	s.stale = true
	renewed, err := s.file.links.renew(s.ctx, s.client, key{s.file.Kind, s.file.index}, s.link)
	if err != nil || !renewed {
		e.Advice = "the file's link has expired: start the export again"
		return false // the answer to the file request says more than err
	}
	s.link = s.file.url()
	return true
}

func (s *stream) call() call {
	h := accept("application/fhir+ndjson")
	h.Set("Accept-Encoding", "gzip, zstd")
	return call{doing: downloading, method: http.MethodGet, url: s.link, header: h, public: s.file.public}
}

func (s *stream) failure(err error) *Error {
	return &Error{Class: Data, Doing: downloading, URL: redact.URL(s.link), Err: err}
}

// drop gives up the connection.
func (s *stream) drop() {
	if s.wire != nil {
		_ = s.wire.now.Close()
	}
	if s.decoded != nil {
		_ = s.decoded.Close()
	}
	s.wire, s.decoded = nil, nil
}

// Close ends the download.
func (s *stream) Close() {
	s.drop()
	if s.spare != nil {
		_ = s.spare.Close()
		s.spare = nil
	}
}
