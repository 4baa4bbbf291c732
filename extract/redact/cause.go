package redact

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// errClosed stands for io.EOF of a connection.
var errClosed = errors.New("the server closed the connection without an answer")

// errScheme stands for net/http's error of the same meaning.
var errScheme = errors.New("the server answers plain HTTP on an https URL")

// Cause is what a reader may see of an error of net/http: without the URL, and
// without the bytes that a server sent where it should have sent HTTP. What is
// not known to be free of both is named by its type alone.
func Cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	switch {
	case errors.Is(err, io.EOF):
		return errClosed // not io.EOF, which readers take for an end
	case errors.Is(err, http.ErrSchemeMismatch):
		return errScheme
	case known(err):
		return err
	}
	return fmt.Errorf("connection failed (%T)", err)
}

func known(err error) bool {
	for _, e := range []error{io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded, net.ErrClosed, http.ErrHandlerTimeout} {
		if errors.Is(err, e) {
			return true
		}
	}
	return is[*net.OpError](err) || is[*net.DNSError](err) || is[*tls.CertificateVerificationError](err) ||
		is[tls.RecordHeaderError](err) || is[tls.AlertError](err) || is[x509.UnknownAuthorityError](err) ||
		is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err) || is[Public](err)
}

func is[E error](err error) bool { _, ok := errors.AsType[E](err); return ok }

// Public is an error of our own that net/http hands back, such as a refused
// redirect: its text is safe to show.
type Public string

func (p Public) Error() string { return string(p) }
