package transform

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// maxDigits is how many digits a decimal128 holds.
const maxDigits = 38

// maxExponent is where reading an exponent stops: beyond it only zero fits.
const maxExponent = 1 << 20

// parseDecimal reads the literal of a JSON number exactly, without a float on
// the way. It reports false where the value does not fit precision and scale.
func parseDecimal(literal []byte, precision, scale int32) (decimal128.Num, bool) {
	if n, ok := parseShort(literal, precision, scale); ok {
		return decimal128.FromI64(n), true
	}
	return parseLong(literal, precision, scale)
}

// parseLong is parseDecimal for any literal.
func parseLong(literal []byte, precision, scale int32) (decimal128.Num, bool) {
	c, rest, ok := parseCoefficient(literal)
	if !ok {
		return decimal128.Num{}, false
	}
	exponent, ok := parseExponent(rest)
	if !ok {
		return decimal128.Num{}, false
	}
	if c.digits == 0 {
		return decimal128.Num{}, true
	}
	shift := c.exponent + exponent + int(scale)
	if shift < 0 || c.digits > maxDigits || c.digits+shift > int(precision) {
		return decimal128.Num{}, false
	}
	c.shift(shift)
	n := decimal128.New(int64(c.hi), c.lo)
	if c.negative {
		n = n.Negate()
	}
	return n, true
}

// coefficient is a decimal number hi<<64+lo × 10^exponent, whose last digit is not
// 0. Beyond maxDigits digits its value is not kept.
type coefficient struct {
	hi, lo   uint64
	digits   int // 0 for zero
	exponent int
	negative bool
}

// parseCoefficient reads the part of a number before its exponent.
func parseCoefficient(literal []byte) (c coefficient, rest []byte, ok bool) {
	if len(literal) > 0 && literal[0] == '-' {
		c.negative, literal = true, literal[1:]
	}
	zeros, fraction, point, i := 0, 0, false, 0
	for ; i < len(literal); i++ {
		d := literal[i] - '0'
		switch {
		case literal[i] == '.' && !point:
			point = true
			continue
		case d > 9:
			return c.end(zeros, fraction), literal[i:], ok
		}
		ok = true
		if point {
			fraction++
		}
		if d == 0 {
			zeros++
			continue
		}
		c.push(uint64(d), zeros)
		zeros = 0
	}
	return c.end(zeros, fraction), nil, ok
}

// end sets the exponent, given the zeros at the end and the digits after the
// point.
func (c coefficient) end(zeros, fraction int) coefficient {
	c.exponent = zeros - fraction
	return c
}

// push appends zeros and a digit; zeros in front of the number do not count.
func (c *coefficient) push(digit uint64, zeros int) {
	if c.digits == 0 {
		zeros = 0
	}
	if c.digits += zeros + 1; c.digits > maxDigits {
		return
	}
	c.shift(zeros + 1)
	var carry uint64
	c.lo, carry = bits.Add64(c.lo, digit, 0)
	c.hi += carry
}

// shift multiplies by 10^n.
func (c *coefficient) shift(n int) {
	for ; n > 0; n-- {
		hi, lo := bits.Mul64(c.lo, 10)
		c.hi, c.lo = c.hi*10+hi, lo
	}
}

// parseExponent reads what follows the coefficient.
func parseExponent(rest []byte) (int, bool) {
	if len(rest) == 0 {
		return 0, true
	}
	if rest[0]|0x20 != 'e' {
		return 0, false
	}
	sign, rest := 1, rest[1:]
	if len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	n := 0
	for _, c := range rest {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), maxExponent)
	}
	return sign * n, len(rest) > 0
}
