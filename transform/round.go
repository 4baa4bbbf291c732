package transform

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// parseRounded is parseDecimal for amounts of money that systems calculate in
// binary floats and send as 28.104000000000003: decimals beyond the scale are
// rounded, half to even.
func parseRounded(literal []byte, precision, scale int32) (decimal128.Num, bool) {
	if n, ok := parseDecimal(literal, precision, scale); ok {
		return n, true
	}
	c, rest, ok := parseCoefficient(literal)
	exponent, fine := parseExponent(rest)
	excess := -(c.exponent + exponent + int(scale))
	if !ok || !fine || excess <= 0 || c.digits > maxDigits {
		return decimal128.Num{}, false
	}
	c.round(excess)
	n := decimal128.New(int64(c.hi), c.lo)
	if c.negative {
		n = n.Negate()
	}
	return n, n.FitsInPrecision(precision)
}

// round divides by 10^n, half to even. The digits are not counted again.
func (c *coefficient) round(n int) {
	last, more := uint64(0), false
	for i := 0; i < n && (c.hi|c.lo|last) != 0; i++ {
		more = more || last > 0
		hi, rest := c.hi/10, c.hi%10
		c.hi = hi
		c.lo, last = bits.Div64(rest, c.lo, 10)
	}
	if last > 5 || last == 5 && (more || c.lo&1 == 1) {
		var carry uint64
		c.lo, carry = bits.Add64(c.lo, 1, 0)
		c.hi += carry
	}
}
