package synth

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// What is quoted reads back as it was.
func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"", "Smith", `O"Brien \ Söhne`, "a\tb\nc\x00\x1f", "美玲", "😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		var w line
		w.quoted(s)
		var got string
		if err := json.Unmarshal(w.buf, &got); err != nil || got != s {
			t.Errorf("%q became %s: %v", s, w.buf, err)
		}
	})
}

func TestLine(t *testing.T) {
	var w line
	w.resource("Patient", "1", false, func() {
		w.object("meta", func() { w.texts("profile", "a", "b") })
		w.array("extension", func() {})
		w.only("name", func() { w.str("family", "Ortíz") })
		w.yes("active")
		w.ints("x", 1, 2)
		w.money("net", 1250)
	})
	const want = `{"resourceType":"Patient","id":"1","meta":{"profile":["a","b"]},"extension":[],"name":[{"family":"Ortíz"}],"active":true,"x":[1,2],"net":{"value":12.50,"currency":"USD"}}` + "\n"
	if got := string(w.buf); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
