package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func keysOf(t *testing.T, text []byte) *Keys {
	t.Helper()
	k, err := Parse(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func generate(t *testing.T) []byte {
	t.Helper()
	text, err := Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealedDataComesBackInItsPlaceOnly(t *testing.T) {
	text := generate(t)
	rotated, err := Rotate(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte(`{"resourceType":"Patient","name":"Jane"}`)
	sealed, err := keysOf(t, text).Seal(data, "archive/run/1")
	if err != nil || bytes.Contains(sealed, []byte("Jane")) {
		t.Fatalf("sealed %q, %v", sealed, err)
	}
	newer, err := keysOf(t, rotated).Seal(data, "archive/run/1")
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)/2] ^= 1
	for name, tc := range map[string]struct {
		keys   *Keys
		sealed []byte
		place  string
		ok     bool
	}{
		"the same key":                 {keysOf(t, text), sealed, "archive/run/1", true},
		"a key set that was rotated":   {keysOf(t, rotated), sealed, "archive/run/1", true},
		"a new key of a rotated set":   {keysOf(t, rotated), newer, "archive/run/1", true},
		"the key before the rotation":  {keysOf(t, text), newer, "archive/run/1", false},
		"another key":                  {keysOf(t, generate(t)), sealed, "archive/run/1", false},
		"no key":                       {nil, sealed, "archive/run/1", false},
		"another place":                {keysOf(t, text), sealed, "archive/run/2", false},
		"an altered byte":              {keysOf(t, text), altered, "archive/run/1", false},
		"cut off":                      {keysOf(t, text), sealed[:len(sealed)-1], "archive/run/1", false},
		"nothing":                      {keysOf(t, text), nil, "archive/run/1", false},
		"something that is not sealed": {keysOf(t, text), data, "archive/run/1", false},
	} {
		got, err := tc.keys.Open(tc.sealed, tc.place)
		if tc.ok && (err != nil || !bytes.Equal(got, data)) || !tc.ok && (!errors.Is(err, ErrSealed) || len(got) > 0) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestKeySetsThatCannotBeUsed(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "no JSON": "SECRET", "another JSON": `{"SECRET":1}`, "cut off": string(generate(t)[:40])} {
		if _, err := Parse([]byte(text), nil); !errors.Is(err, ErrKeys) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Rotate([]byte(text), nil); !errors.Is(err, ErrKeys) {
			t.Errorf("rotate %s: %v", name, err)
		}
	}
}
