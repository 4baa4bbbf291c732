package synth

import "strconv"

// line appends one resource as a line of JSON. Its methods nest as the JSON
// does: w.object("meta", func() { w.str("lastUpdated", t) }).
type line struct {
	buf   []byte
	short bool // the dialect of Medicare: 37.5 instead of 37.50, +00:00 instead of Z
}

// resource starts a line; members come after resourceType and id.
func (w *line) resource(resourceType, id string, short bool, members func()) {
	w.short = short
	w.buf = append(w.buf[:0], '{')
	w.str("resourceType", resourceType)
	w.str("id", id)
	members()
	w.buf = append(w.buf, '}', '\n')
}

func (w *line) object(key string, members func()) {
	w.key(key)
	w.braced('{', '}', members)
}

func (w *line) array(key string, elements func()) {
	w.key(key)
	w.braced('[', ']', elements)
}

// element appends an object to the array around it.
func (w *line) element(members func()) {
	w.comma()
	w.braced('{', '}', members)
}

// only is an array of one object.
func (w *line) only(key string, members func()) {
	w.array(key, func() { w.element(members) })
}

func (w *line) braced(open, end byte, inside func()) {
	w.buf = append(w.buf, open)
	inside()
	w.buf = append(w.buf, end)
}

func (w *line) str(key, value string) {
	w.key(key)
	w.quoted(value)
}

// texts is an array of strings.
func (w *line) texts(key string, values ...string) {
	w.array(key, func() {
		for _, v := range values {
			w.comma()
			w.quoted(v)
		}
	})
}

func (w *line) int(key string, value int) {
	w.key(key)
	w.buf = strconv.AppendInt(w.buf, int64(value), 10)
}

// ints is an array of numbers.
func (w *line) ints(key string, values ...int) {
	w.array(key, func() {
		for _, v := range values {
			w.comma()
			w.buf = strconv.AppendInt(w.buf, int64(v), 10)
		}
	})
}

// yes is a boolean that is true.
func (w *line) yes(key string) {
	w.key(key)
	w.buf = append(w.buf, "true"...)
}

func (w *line) key(key string) {
	w.comma()
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, '"', ':')
}

// comma separates from what came before, if anything did.
func (w *line) comma() {
	if last := w.buf[len(w.buf)-1]; last != '{' && last != '[' {
		w.buf = append(w.buf, ',')
	}
}

// quoted escapes the little that our tables and names can hold: quotes,
// backslashes and control characters. Other characters stand as UTF-8.
func (w *line) quoted(s string) {
	w.buf = append(w.buf, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.buf = append(w.buf, s[from:i]...)
		if c < ' ' {
			w.buf = append(w.buf, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		} else {
			w.buf = append(w.buf, '\\', c)
		}
		from = i + 1
	}
	w.buf = append(w.buf, s[from:]...)
	w.buf = append(w.buf, '"')
}
