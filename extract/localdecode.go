package extract

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// headBytes is how much of a file's beginning is looked at.
const headBytes = chunkBytes

// maxLayers is how often a file may be compressed: servers send .gz files compressed
// once more.
const maxLayers = 3

var bzip2Magic = []byte("BZh")

// uncompressed undoes the compression of src, told by its first bytes and not by a
// name, and its encoding as UTF-16. done frees what the decoders hold; layers is how
// many there are. Both are good with an error, too.
func uncompressed(src io.Reader) (plain *bufio.Reader, done func() error, layers int, err error) {
	done = func() error { return nil }
	b := bufio.NewReaderSize(src, headBytes)
	for ; layers < maxLayers; layers++ {
		next, err := layer(b)
		if err != nil {
			return b, done, layers, err
		}
		if next == nil {
			break
		}
		outer := done
		done = func() error { return firstOf(next.Close(), outer()) }
		b = bufio.NewReaderSize(next, headBytes)
	}
	head, _ := b.Peek(2) // an error comes again with the next read
	if utf16(head) {
		decoded := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b)
		return bufio.NewReaderSize(decoded, headBytes), done, layers + 1, nil
	}
	return b, done, layers, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// layer is the decoder of a compression that b begins with; nil for none.
func layer(b *bufio.Reader) (io.ReadCloser, error) {
	magic, err := b.Peek(len(zstdMagic))
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		return gunzip(b)
	case bytes.Equal(magic, zstdMagic):
		return unzstd(b)
	case bytes.HasPrefix(magic, bzip2Magic):
		return io.NopCloser(bzip2.NewReader(b)), nil
	case err != nil && err != io.EOF: //nolint:errorlint // Peek gives it as it is
		return nil, err
	}
	return nil, nil
}

func utf16(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff})
}

// headOf is the beginning of b, which stays unread. whole says that there is no more.
func headOf(b *bufio.Reader) (head []byte, whole bool, err error) {
	head, err = b.Peek(headBytes)
	if err == io.EOF { //nolint:errorlint // Peek gives it as it is
		return head, true, nil
	}
	return head, false, err
}

// foreigners are files that hold no text of their own, by how they begin, and what to
// do about them. data says that resources may be in them.
var foreigners = []struct {
	magic string
	at    int
	what  string
	data  bool
}{
	{"PK\x03\x04", 0, "a zip archive: unpack it, and name the folder", true},
	{"PK\x05\x06", 0, "an empty zip archive", false},
	{"ustar", 257, "a tar archive: unpack it, and name the folder", true},
	{"7z\xbc\xaf\x27\x1c", 0, "a 7z archive: unpack it, and name the folder", true},
	{"Rar!\x1a\x07", 0, "a RAR archive: unpack it, and name the folder", true},
	{"\xfd7zXZ\x00", 0, "compressed by xz: run unxz on it", true},
	{"\x04\x22\x4d\x18", 0, "compressed by lz4: run lz4 -d on it", true},
	{"\xff\x06\x00\x00sNaPpY", 0, "compressed by snappy: decompress it", true},
	{"\x1f\x9d", 0, "compressed by compress: run uncompress on it", true},
	{"PAR1", 0, "Parquet, no FHIR resources", true},
	{"ORC", 0, "ORC, no FHIR resources", true},
	{"Obj\x01", 0, "Avro, no FHIR resources", true},
	{"SQLite format 3\x00", 0, "a SQLite database", false},
	{"%PDF-", 0, "a PDF", false},
	{"-----BEGIN PGP MESSAGE-----", 0, "encrypted by OpenPGP: decrypt it", true},
	{"age-encryption.org/", 0, "encrypted by age: decrypt it", true},
}

// foreignError says that a file is of a kind that is not read. It is an ErrNotNDJSON.
type foreignError struct {
	what string // and what to do about it
	data bool   // resources may be in it
}

// Error implements error.
func (e *foreignError) Error() string { return ErrNotNDJSON.Error() + ": it is " + e.what }

// Is reports whether e is an ErrNotNDJSON.
func (e *foreignError) Is(target error) bool { return target == ErrNotNDJSON } //nolint:errorlint // Is compares so

// foreign says why a file that begins with head is not read: text is not told from
// NDJSON here, but what holds a NUL is no text.
func foreign(head []byte) error {
	for _, f := range foreigners {
		if len(head) > f.at && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return &foreignError{f.what, f.data}
		}
	}
	if bytes.IndexByte(head, 0) < 0 {
		return nil
	}
	wide := bytes.Contains(head, []byte("{\x00")) || bytes.Contains(head, []byte("\x00{"))
	return &foreignError{"binary, or UTF-16 without a byte order mark: convert it to UTF-8, one resource a line", wide}
}
