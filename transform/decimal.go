package transform

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// maxExponent bounds what an exponent may ask for; beyond it nothing fits
// decimal128 but zero.
const maxExponent = 100

// parseDecimal reads the literal of a JSON number exactly, without a float on
// the way. It reports false where the value does not fit precision and scale.
func parseDecimal(literal string, precision, scale int32) (decimal128.Num, bool) {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(literal), "e")
	shift := int(scale)
	if hasExponent {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > maxExponent || e < -maxExponent {
			return decimal128.Num{}, false
		}
		shift += e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift -= len(fraction)
	digits := whole + fraction
	for shift < 0 && strings.HasSuffix(digits, "0") {
		digits, shift = digits[:len(digits)-1], shift+1
	}
	significant := strings.TrimLeft(strings.TrimPrefix(digits, "-"), "0")
	if significant == "" {
		return decimal128.Num{}, digits != "" // zero, unless there was no digit
	}
	if shift < 0 || len(significant)+shift > int(precision) {
		return decimal128.Num{}, false
	}
	n, ok := new(big.Int).SetString(digits+strings.Repeat("0", shift), 10)
	if !ok {
		return decimal128.Num{}, false
	}
	return decimal128.FromBigInt(n), true
}
