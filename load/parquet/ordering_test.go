package parquet

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Bounds that were cut still hold the text, and are valid UTF-8.
func TestCutBoundsHoldTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringOfN(rapid.RuneFrom([]rune("aé€😀\U0010FFFF\uD7FF~")), 1, 100, -1).Draw(t, "text"))
		b := bounds{text, text}.cut()
		if b.min == nil { // nothing is greater than all texts that begin so
			if !strings.HasPrefix(string(text), strings.Repeat("\U0010FFFF", maxBoundBytes/4)) {
				t.Fatalf("no bounds for %q", text)
			}
			return
		}
		if bytes.Compare(b.min, text) > 0 || bytes.Compare(b.max, text) < 0 || !utf8.Valid(b.min) || !utf8.Valid(b.max) {
			t.Fatalf("%q is not within %q and %q", text, b.min, b.max)
		}
		if len(b.min) > maxBoundBytes || len(b.max) > maxBoundBytes {
			t.Fatalf("bounds of %d and %d bytes", len(b.min), len(b.max))
		}
	})
}

func TestOrderings(t *testing.T) {
	word := func(n int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }
	for name, tc := range map[string]struct {
		order         ordering
		lesser, other []byte
	}{
		"INT32 is signed":                 {orderInt32, word(-1)[:4], word(1)[:4]},
		"INT64 is signed":                 {orderInt64, word(-1), word(1)},
		"hashes are not":                  {orderUint64, word(1), word(-1)},
		"texts by their bytes":            {orderBytes, []byte("Z"), []byte("a")},
		"wide decimals are signed":        {orderDecimal, []byte{0xFF, 0x00}, []byte{0x00, 0x01}},
		"and big-endian":                  {orderDecimal, []byte{0x00, 0xFF}, []byte{0x01, 0x00}},
		"the lesser of two negative ones": {orderDecimal, []byte{0xFF, 0x00}, []byte{0xFF, 0x01}},
	} {
		if tc.order(tc.lesser, tc.other) >= 0 || tc.order(tc.other, tc.lesser) <= 0 || tc.order(tc.other, tc.other) != 0 {
			t.Errorf("%s: wrong order", name)
		}
	}
}
