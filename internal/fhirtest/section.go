package fhirtest

import (
	"io"
	"os"
)

// section is a range of a file as http.ServeContent wants it.
type section struct {
	*io.SectionReader
	file   *os.File
	offset int64
}

func newSection(f *os.File, offset, length int64) *section {
	return &section{io.NewSectionReader(f, offset, length), f, offset}
}

// sendable returns r so that the operating system can copy the file itself:
// net/http knows that way only for a limited *os.File. Anything else comes back as it is.
func sendable(r io.Reader) (io.Reader, error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		return r, nil
	}
	part, ok := limited.R.(*section)
	if !ok {
		return r, nil
	}
	at, err := part.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	_, err = part.file.Seek(part.offset+at, io.SeekStart)
	return io.LimitReader(part.file, limited.N), err
}
