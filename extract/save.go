package extract

import (
	"context"
	"io"
)

// Save writes the file to w, decoded and otherwise byte for byte as the server
// has it. It is read from its start. The error is an *Error, the context's or w's;
// what was written until then is not the whole file.
func (d *Download) Save(ctx context.Context, w io.Writer) error {
	s := d.open(ctx)
	defer s.Close()
	_, err := io.Copy(w, s)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}
