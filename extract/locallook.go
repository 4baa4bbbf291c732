package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/tidwall/gjson"
)

// look is what a file's beginning says of the file.
type look struct {
	empty     bool // white space only
	deletes   bool // it begins with a Bundle of deletions
	documents bool // it is JSON, but not one resource a line
	fhir      bool // it looks like FHIR
	xml       bool // it looks like FHIR, as XML
}

var (
	fhirJSON = []byte(`"resourceType"`)
	fhirXML  = []byte("http://hl7.org/fhir")
)

// lookAt judges a file by its decoded beginning. whole says that there is no more.
func lookAt(head []byte, whole bool) look {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), " \t\r\n")
	l := look{
		empty:   len(head) == 0 && whole,
		deletes: isDeletion(head),
		fhir:    bytes.IndexAny(head, "{[") == 0 && bytes.Contains(head, fhirJSON),
		xml:     bytes.IndexByte(head, '<') == 0 && bytes.Contains(head, fhirXML),
	}
	l.documents = isDocument(head, whole, l.deletes)
	return l
}

// isDeletion reports whether a value begins as a Bundle whose first entry is a DELETE
// request.
func isDeletion(value []byte) bool {
	return gjson.GetBytes(value, "resourceType").Str == "Bundle" && deletesOnly(gjson.GetBytes(value, "entry.0"))
}

// deletesOnly reports whether an entry of a Bundle deletes, and brings nothing.
func deletesOnly(entry gjson.Result) bool {
	return entry.Get("request.method").Str == "DELETE" && !entry.Get("resource").Exists()
}

// isDocument reports whether what begins with head is JSON that has to be cut into
// lines: a Bundle, an array, or values over several lines. What is no JSON at all is
// left as it is: its lines go to quarantine, one by one.
func isDocument(head []byte, whole, deletes bool) bool {
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return false
	}
	line, _, ended := bytes.Cut(head, []byte("\n"))
	switch {
	case (ended || whole) && json.Valid(line), !ended && !whole:
		return head[0] == '[' || !deletes && gjson.GetBytes(line, "resourceType").Str == "Bundle" || !ended && !whole && mayBeBundle(line)
	}
	d := json.NewDecoder(bytes.NewReader(head))
	err := d.Decode(new(json.RawMessage))
	if errors.Is(err, io.ErrUnexpectedEOF) { // so far it is JSON
		return !resourceAfter(head, line) && (!whole || len(bytes.TrimSpace(head)) > len(bytes.TrimSpace(line)))
	}
	return err == nil && d.InputOffset() > int64(len(line))
}

// resourceAfter reports whether a line after the first is a resource: then the first one
// is broken, and does not go on.
func resourceAfter(head, first []byte) bool {
	for line := range bytes.Lines(head[len(first):]) {
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("{")) && json.Valid(line) && gjson.GetBytes(line, "resourceType").Exists() {
			return head[0] == '{'
		}
	}
	return false
}

// mayBeBundle reports whether a line, of which this is the beginning, has entries
// before its resourceType.
func mayBeBundle(line []byte) bool {
	return !gjson.GetBytes(line, "resourceType").Exists() && gjson.GetBytes(line, "entry").Exists()
}

var byteOrderMark = []byte("\xef\xbb\xbf")
