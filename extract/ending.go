package extract

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// proof is what shows that a file, or an answer, is whole. Where bytes stop without one
// they are broken off, as far as anybody can know. It is no error, so that none can be
// taken for it, whatever it wraps.
type proof string

const (
	unproven   proof = ""
	byLength   proof = "length"   // Content-Length, or the total of Content-Range, was reached
	byFraming  proof = "framing"  // the last chunk came, or HTTP/2's end of the stream
	byChecksum proof = "checksum" // the compression ended, which its checksum and end mark show
	byCount    proof = "count"    // there is as much as the manifest announced
)

// shortPause is the wait before a file is read again that has less than was announced.
const shortPause = time.Second

var (
	errNoEnd = errors.New("nothing shows where it ends: the server closes the connection without having sent a length, chunks or a checksum")
	errShort = errors.New("it has less than the manifest announced")
)

// end says what it means that the decoder stopped with err: the file is whole, it is to
// be read again, or it failed. The error is final.
func (s *stream) end(err error) error {
	switch w := s.wire; {
	case errors.Is(w.err, errRestart):
		s.drop()
		return nil
	case w.err != nil:
		return w.err // of the connection, whatever the decoder made of it
	case w.over && w.proof == unproven && (errors.Is(err, io.ErrUnexpectedEOF) || w.at == 0 && w.first.encoding() != "" || s.cutLine()):
		return s.again(s.call().networkFailure(io.ErrUnexpectedEOF)) // in the middle of something
	case err != io.EOF || !w.over: //nolint:errorlint // an error that wraps it is no end
		return s.repeat(fmt.Errorf("%w: %w", ErrDamaged, err))
	case s.cutLine():
		s.wrong = true
		return s.repeat(errCutLine)
	}
	return s.conclude()
}

// conclude decides whether the file is whole, now that it stopped. It is the one place
// that does.
func (s *stream) conclude() error {
	found := s.evidence()
	s.encoded = s.wire.at
	if err := s.look(nil); err != nil {
		return err
	}
	switch {
	case s.shortage() != "" && !s.reread:
		s.reread, s.wrong = true, true // a server that counts wrong is asked once more, not as often as one that fails
		s.client.o.Logger.WarnContext(s.ctx, "trying again", "failure", s.failure(errShort), "in", shortPause)
		s.drop()
		return sleep(s.ctx, shortPause)
	case found == unproven:
		e := s.failure(errNoEnd)
		e.Advice = "have the server, or the proxy in front of it, send Content-Length or answer by HTTP/1.1, or announce counts in the manifest"
		return e
	}
	s.proof = found
	return nil
}

// evidence is what shows that the bytes which came are all of the file.
func (s *stream) evidence() proof {
	_, isPlain := s.decoded.(plain)
	switch {
	case s.wire.proof != unproven:
		return s.wire.proof
	case !isPlain:
		return byChecksum
	case s.file.Count >= 0 && s.file.Count == s.lineCount() || s.file.Size >= 0 && s.file.Size == s.at:
		return byCount
	}
	return unproven
}

// shortage says by how much the file has less than was announced; "" where it has not. A
// count of deletions may be of Bundles, or of their entries.
func (s *stream) shortage() string {
	switch {
	case s.fewLines():
		return fmt.Sprintf("the manifest announced %d resources, the file has %d lines", s.file.Count, s.lineCount())
	case s.at < s.file.Size && s.encoded < s.file.Size:
		return fmt.Sprintf("the manifest announced %d bytes, the file has %d", s.file.Size, s.at)
	}
	return ""
}

// fewLines reports whether the file has fewer lines than the count that was announced.
func (s *stream) fewLines() bool { return s.file.Kind == Output && s.lineCount() < s.file.Count }

// repeat has the file read again for what is wrong with its bytes.
func (s *stream) repeat(err error) error {
	e := s.failure(err)
	e.again = true
	return s.again(e)
}
