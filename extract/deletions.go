package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Deletion is a resource that the server has no more.
type Deletion struct{ Type, ID string }

var errNotBundle = errors.New("not a Bundle of deletions")

// Deletions yields what the Bundles of a deleted file name (Bulk Data, "deleted").
// A Bundle may be of any size: it is read entry by entry. Entries that delete by a
// search instead of an id are an error, because what they meant is not known. The
// error ends the deletions; it is an *Error or the context's.
func (d *Download) Deletions(ctx context.Context) iter.Seq2[Deletion, error] {
	return func(yield func(Deletion, error) bool) {
		s := d.open(ctx)
		defer s.Close()
		b := bundles{json: json.NewDecoder(s), yield: yield}
		for b.json.More() {
			d.end.Line++
			if err := b.bundle(); err != nil {
				d.fail(yield, err)
				return
			}
			if b.stopped {
				return
			}
		}
		// More is false for an error too.
		if _, err := b.json.Token(); !errors.Is(err, io.EOF) {
			d.fail(yield, err)
		}
	}
}

// fail yields why the deletions end. What the JSON decoder says may quote a byte
// of the content, so only the line is told.
func (d *Download) fail(yield func(Deletion, error) bool, err error) {
	_, ours := errors.AsType[*Error](err)
	switch {
	case d.stream.ctx.Err() != nil:
		err = context.Cause(d.stream.ctx)
	case !ours:
		err = d.stream.failure(fmt.Errorf("resource %d is %w", d.end.Line-1, errNotBundle))
	}
	yield(Deletion{}, err)
}

// bundles reads Bundles token by token.
type bundles struct {
	json    *json.Decoder
	yield   func(Deletion, error) bool
	stopped bool
}

// bundle reads one.
func (b *bundles) bundle() error {
	if err := b.expect('{'); err != nil {
		return err
	}
	for b.json.More() {
		name, err := b.json.Token()
		if err != nil {
			return err
		}
		if name != "entry" {
			var other json.RawMessage
			if err := b.json.Decode(&other); err != nil {
				return err
			}
			if name == "resourceType" && string(other) != `"Bundle"` {
				return errNotBundle
			}
			continue
		}
		if err := b.entries(); err != nil || b.stopped {
			return err
		}
	}
	return b.expect('}')
}

func (b *bundles) entries() error {
	if err := b.expect('['); err != nil {
		return err
	}
	for b.json.More() {
		var e struct {
			Request struct{ Method, URL string }
		}
		if err := b.json.Decode(&e); err != nil {
			return err
		}
		deletion, ok := parseDeletion(e.Request.URL)
		if e.Request.Method != "DELETE" || !ok {
			return errNotBundle
		}
		if !b.yield(deletion, nil) {
			b.stopped = true
			return nil
		}
	}
	return b.expect(']')
}

func (b *bundles) expect(want json.Delim) error {
	got, err := b.json.Token()
	if err == nil && got != want {
		return errNotBundle
	}
	return err
}

// parseDeletion reads Type/id, with a base before it or a version behind it.
func parseDeletion(reference string) (d Deletion, ok bool) {
	reference, _, _ = strings.Cut(reference, "/_history/")
	parts := strings.Split(reference, "/")
	if len(parts) < 2 {
		return d, false
	}
	d = Deletion{Type: parts[len(parts)-2], ID: parts[len(parts)-1]}
	return d, fhirType.MatchString(d.Type) && fhirID.MatchString(d.ID)
}
