package extract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
)

// documents reads JSON, whatever its white space, as NDJSON: one line for each value;
// for each element of an array; and for each entry of a Bundle its resource, also of a
// Bundle within. What is no resource is a line, too, so that it is counted and goes to
// quarantine: an entry without one, a Bundle without entries. A Bundle of deletions is
// one line.
//
// A Bundle's entries are read one by one where resourceType stands before them, as
// everybody writes it; else a Bundle may not be longer than a line.
type documents struct {
	src  *bounded
	dec  *json.Decoder
	in   []json.Delim // arrays that are open: '[' of values, '{' of a Bundle's entries
	open bool         // an object is open
	line bytes.Buffer // what was made and not read yet
	made bool         // the Bundle that is open gave a line
	rest object       // what the Bundle that is open has but its entries
	err  error
}

// maxBundleDepth is how deep Bundles may be in Bundles: a batch-response of searches
// has two.
const maxBundleDepth = 8

func newDocuments(src *bufio.Reader) *documents {
	if head, _ := src.Peek(len(byteOrderMark)); bytes.Equal(head, byteOrderMark) {
		_, _ = src.Discard(len(byteOrderMark)) // they are there
	}
	b := &bounded{src: src}
	d := &documents{src: b, dec: json.NewDecoder(b)}
	d.dec.UseNumber()
	return d
}

// Read implements io.Reader.
func (d *documents) Read(p []byte) (int, error) {
	for d.line.Len() == 0 && d.err == nil {
		if d.err = d.next(); d.err != nil {
			d.err = d.broken(d.err)
		}
	}
	if d.line.Len() > 0 {
		return d.line.Read(p)
	}
	return 0, d.err
}

// broken says where the JSON ends; io.EOF is the end of the file. It quotes nothing.
func (d *documents) broken(err error) error {
	at := d.dec.InputOffset()
	switch {
	case err == io.EOF && len(d.in) == 0 && !d.open: //nolint:errorlint // the decoder gives it as it is
		return io.EOF
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF): //nolint:errorlint // as before
		return fmt.Errorf("the file ends inside its JSON, which is whole up to byte %d: %w", at, io.ErrUnexpectedEOF)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: its JSON goes on over several lines, and is broken after byte %d", ErrNotNDJSON, at)
	}
	return err
}

// next makes a line, or gets on.
func (d *documents) next() error {
	d.src.left = lineage.MaxLineBytes
	if len(d.in) > 0 {
		return d.element()
	}
	t, err := d.dec.Token()
	switch {
	case err != nil:
		return err
	case t == json.Delim('['):
		d.in = append(d.in, '[')
		return nil
	case t == json.Delim('{'):
		return d.object()
	}
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return d.write(text)
}

// element reads the next element of the innermost array.
func (d *documents) element() error {
	bundle := d.in[len(d.in)-1] == '{'
	if !d.dec.More() {
		if _, err := d.dec.Token(); err != nil {
			return err
		}
		d.in = d.in[:len(d.in)-1]
		if bundle {
			return d.members()
		}
		return nil
	}
	var value json.RawMessage
	if err := d.dec.Decode(&value); err != nil {
		return err
	}
	if !bundle {
		return d.value(value, 0)
	}
	if !d.made && deletesOnly(gjson.ParseBytes(value)) {
		return d.deletions(value)
	}
	d.made = true
	return d.entry(value, 1)
}

// deletions reads the rest of a Bundle of deletions, whose first entry is value.
func (d *documents) deletions(value json.RawMessage) error {
	entries := append([]byte{'['}, value...)
	for d.dec.More() {
		if err := d.dec.Decode(&value); err != nil {
			return err
		}
		entries = append(append(entries, ','), value...)
	}
	if _, err := d.dec.Token(); err != nil {
		return err
	}
	d.in = d.in[:len(d.in)-1]
	d.rest.add("entry", append(entries, ']'))
	if err := d.write(d.rest.text()); err != nil {
		return err
	}
	d.made = true
	return d.members()
}

// object reads an object that was begun.
func (d *documents) object() error {
	d.rest, d.made, d.open = object{}, false, true
	return d.members()
}

// members reads what is left of an object, up to a Bundle's entries.
func (d *documents) members() error {
	for d.dec.More() {
		t, err := d.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if key == "entry" && d.rest.typ == "Bundle" {
			if t, err = d.dec.Token(); err != nil || t == json.Delim('[') {
				d.in = append(d.in, '{')
				return err
			}
			return fmt.Errorf("%w: a Bundle's entry is no array, after byte %d", ErrNotNDJSON, d.dec.InputOffset())
		}
		var value json.RawMessage
		if err := d.dec.Decode(&value); err != nil {
			return err
		}
		d.rest.add(key, value)
	}
	if _, err := d.dec.Token(); err != nil {
		return err
	}
	d.open = false
	if d.made {
		return nil
	}
	return d.value(d.rest.text(), 0)
}

// value writes what a value stands for. Bundles are depth deep in others.
func (d *documents) value(text json.RawMessage, depth int) error {
	if gjson.GetBytes(text, "resourceType").Str != "Bundle" || isDeletion(text) || depth > maxBundleDepth {
		return d.write(text)
	}
	entries := gjson.GetBytes(text, "entry")
	if !entries.IsArray() || entries.Get("#").Int() == 0 {
		return d.write(text)
	}
	var err error
	entries.ForEach(func(_, e gjson.Result) bool {
		err = d.entry(json.RawMessage(e.Raw), depth+1)
		return err == nil
	})
	return err
}

// entry writes the resource of a Bundle's entry, and an entry that has none as it is.
func (d *documents) entry(text json.RawMessage, depth int) error {
	if r := gjson.GetBytes(text, "resource"); r.IsObject() {
		return d.value(json.RawMessage(r.Raw), depth)
	}
	return d.write(text)
}

// write adds a line.
func (d *documents) write(text []byte) error {
	if err := json.Compact(&d.line, text); err != nil {
		return err
	}
	return d.line.WriteByte('\n')
}

// object is a JSON object that was read member by member.
type object struct {
	members []byte
	typ     string // resourceType
}

func (o *object) add(key string, value []byte) {
	if key == "resourceType" && o.typ == "" {
		o.typ = gjson.ParseBytes(value).Str
	}
	name, _ := json.Marshal(key) // a string cannot fail
	if len(o.members) > 0 {
		o.members = append(o.members, ',')
	}
	o.members = append(append(append(o.members, name...), ':'), value...)
}

func (o *object) text() []byte { return append(append([]byte{'{'}, o.members...), '}') }

// bounded reads src up to a bound, which its user sets again and again: what is read
// for one value must fit into memory.
type bounded struct {
	src  io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: a resource is longer than %d MiB, or a Bundle that does not begin with its resourceType", ErrNotNDJSON, lineage.MaxLineBytes>>20)
	}
	n, err := b.src.Read(p)
	b.left -= n
	return n, err
}
