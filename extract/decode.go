package extract

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The first bytes of compressed files (RFC 1952 §2.3.1, RFC 8878 §3.1.1).
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// maxWindow bounds the memory that a zstd file may ask for.
const maxWindow = 128 << 20

// decode gives the decoded content of src: plain, gzip or zstd, told apart by
// its first bytes. Close frees what it holds, and is not src's.
func decode(src io.Reader) (io.ReadCloser, error) {
	b := bufio.NewReaderSize(src, chunkBytes)
	magic, err := b.Peek(len(zstdMagic))
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		return gunzip(b)
	case bytes.Equal(magic, zstdMagic):
		return unzstd(b)
	case err != nil && err != io.EOF: //nolint:errorlint // Peek gives it as it is
		return nil, err
	}
	return plain{b}, nil
}

func plainFrom(src io.Reader) plain { return plain{bufio.NewReaderSize(src, chunkBytes)} }

// plain is a file that is sent as it is.
type plain struct{ *bufio.Reader }

// Close implements io.Closer.
func (plain) Close() error { return nil }

func gunzip(src io.Reader) (io.ReadCloser, error) {
	r, err := gzip.NewReader(src)
	if err == io.EOF { //nolint:errorlint // gzip gives it as it is
		err = io.ErrUnexpectedEOF // a compressed file without so much as a header
	}
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return r, nil
}

func unzstd(src io.Reader) (io.ReadCloser, error) {
	r, err := zstd.NewReader(src, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return r.IOReadCloser(), nil
}
