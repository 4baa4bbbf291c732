package extract

import (
	"context"
	"fmt"
	"hash"
	"io"
	"net/url"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/zeebo/xxh3"
)

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

	base int64        // where the reader began
	at   int64        // where it is
	tail []byte       // what it was given since the last newline
	same *xxh3.Hasher // of all it was given: what is read again must be that
	sum  hash.Hash    // SHA-256 of the same; nil where nobody wants it
	seen int64        // at, at the last failure

	lines  int64       // that ended, up to at
	head   []byte      // the first line, or the beginning of it
	looked bool        // at the head, and it may be a file's
	opened *connection // the first answer that was read
	reread bool        // it was read again, since there was less than announced
	wrong  bool        // it came to an end that cannot be its, so that its length was none either

	proof    proof  // that the end was reached
	encoded  int64  // length of the file as it came
	failed   error  // why there is no more, where it was not
	received int64  // bytes that came, encoded, of all connections
	server   string // Server header of the last answer
}

func (c *Client) stream(ctx context.Context, f File) *stream {
	return &stream{ctx: ctx, client: c, file: f, tries: c.tries(), link: f.url(), same: xxh3.New()}
}

// Read implements io.Reader. io.EOF itself is the file's end and nothing else; any other
// error is an *Error or the context's, and final.
func (s *stream) Read(p []byte) (int, error) {
	for s.failed == nil && s.proof == unproven {
		if s.decoded == nil {
			s.failed = s.open()
			continue
		}
		n, err := s.decoded.Read(p)
		switch {
		case n > 0:
			if s.failed = s.took(p[:n]); s.failed == nil {
				return n, nil
			}
		case err != nil:
			s.failed = s.end(err)
		}
	}
	if s.failed != nil {
		return 0, s.failed
	}
	return 0, io.EOF
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
	if s.isOther(c) {
		_ = c.Close()
		return s.failure(ErrChanged)
	}
	s.wire, s.here = &wire{stream: s, first: c, now: c, until: -1, size: c.res.ContentLength}, 0
	decoded, err := c.decoder(s.wire)
	switch {
	case err != nil && s.at == 0 && s.wire.at == 0 && s.wire.proof != unproven:
		decoded = plainFrom(s.wire) // an empty file, without so much as a gzip header
	case err != nil:
		return s.end(err)
	}
	s.decoded = decoded
	return s.skip()
}

// isOther reports whether an answer from the file's start shows that the file is another
// than the one that was read up to here. What was read since base is compared byte by
// byte; of what came before base, only the version can tell.
func (s *stream) isOther(c *connection) bool {
	first := s.opened
	if s.at == 0 || first == nil {
		s.opened = c
		return false
	}
	size := first.res.ContentLength
	if p, ok := first.part(); ok {
		size = p.size
	}
	isShared := !s.wrong && c.encoding() == "" && first.encoding() == ""
	return s.base > 0 && c.validator() != first.validator() || isShared && size >= 0 && c.res.ContentLength >= 0 && size != c.res.ContentLength
}

// skip reads over what the reader has, and checks that it is still the same.
func (s *stream) skip() error {
	again := xxh3.New()
	n, err := io.CopyN(io.Discard, s.decoded, s.base)
	s.here += n
	if err == nil {
		n, err = io.CopyN(again, s.decoded, s.at-s.base)
		s.here += n
	}
	switch {
	case err == io.EOF && s.wire.err == nil && s.evidence() != unproven: //nolint:errorlint // an error that wraps it is no end
		return s.failure(fmt.Errorf("%w: it is shorter now", ErrChanged))
	case err != nil && s.wire.err == nil && s.wire.over && s.wire.proof == unproven:
		return s.again(s.call().networkFailure(io.ErrUnexpectedEOF))
	case err != nil:
		return s.end(err)
	case again.Sum128() != s.same.Sum128():
		return s.failure(ErrChanged)
	}
	return nil
}

func (s *stream) failure(err error) *Error {
	return &Error{Class: Data, Doing: downloading, URL: redact.URL(s.link), Err: err}
}

// drop gives up the connection.
func (s *stream) drop() {
	if s.wire != nil {
		s.wire.Close()
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
