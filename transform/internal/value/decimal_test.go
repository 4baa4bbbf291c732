package value

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"pgregory.net/rapid"
)

// The short way reads no literal otherwise than the long one.
func TestShortDecimalsEqualLongOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literal := []byte(rapid.StringMatching(`-?[0-9]{0,20}\.?[0-9]{0,8}(e[0-9])?`).Draw(t, "literal"))
		precision := rapid.Int32Range(1, 38).Draw(t, "precision")
		scale := rapid.Int32Range(0, precision).Draw(t, "scale")
		short, ok := parseShort(literal, precision, scale)
		if !ok {
			return
		}
		long, ok := parseLong(literal, precision, scale)
		if !ok || long != decimal128.FromI64(short) {
			t.Errorf("short %d, long %v (%v)", short, long, ok)
		}
	})
}

func TestAmountsAreShortDecimals(t *testing.T) {
	for _, literal := range []string{"0", "12", "-3.5", "104.32", "0.1000"} {
		if _, ok := parseShort([]byte(literal), 18, 4); !ok {
			t.Errorf("%s takes the long way", literal)
		}
	}
}
