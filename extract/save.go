package extract

import (
	"bufio"
	"context"
	"errors"
	"io"
)

// Save writes the file, decoded and otherwise byte for byte as the server has it. It
// is read from the mark of From, if the server can send the rest, else from its start:
// open is told the offset of the first byte, and gives where to write. The error is an
// *Error, the context's, open's or the writer's; what was written until then is not
// the whole file.
func (d *Download) Save(ctx context.Context, open func(offset int64) (io.Writer, error)) error {
	s := d.open(ctx)
	defer s.Close()
	at, err := s.begin(d.from)
	if err != nil {
		return err
	}
	w, err := open(at.Offset)
	if err != nil {
		return err
	}
	return d.copy(ctx, w)
}

// copy writes to w on a goroutine of its own, while the next bytes are decoded.
func (d *Download) copy(ctx context.Context, w io.Writer) error {
	out, in := io.Pipe()
	written := make(chan error, 1)
	go func() {
		_, err := io.CopyBuffer(w, struct{ io.Reader }{out}, make([]byte, saveBytes))
		_ = out.CloseWithError(err)
		written <- err
	}()
	full := bufio.NewWriterSize(in, saveBytes) // decoders give little at a time
	_, err := full.ReadFrom(versioned{d})
	_ = in.CloseWithError(errors.Join(full.Flush(), err))
	err = <-written
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// versioned reads a download, and notes what version its bytes are of.
type versioned struct{ d *Download }

func (v versioned) Read(p []byte) (int, error) {
	n, err := v.d.stream.Read(p)
	if n > 0 {
		v.d.version.Store(v.d.stream.version())
	}
	return n, err
}

// saveBytes is how much is written at once.
const saveBytes = 256 << 10

// Version is what a later From needs to go on after bytes that Save wrote; "" where
// the file could not be gone on with. It is known once the first bytes are written.
func (d *Download) Version() string {
	version, _ := d.version.Load().(string)
	return version
}
