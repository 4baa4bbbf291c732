package value

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// maxDigits is how many digits a decimal128 holds.
const maxDigits = 38

// maxExponent is where reading an exponent stops: beyond it only zero fits.
const maxExponent = 1 << 20

// ParseDecimal reads the literal of a JSON number exactly, without a float on
// the way. It reports false where the value does not fit precision and scale.
func ParseDecimal(literal []byte, precision, scale int32) (decimal128.Num, bool) {
	if n, ok := parseShort(literal, precision, scale); ok {
		return decimal128.FromI64(n), true
	}
	return parseLong(literal, precision, scale)
}

// parseLong is ParseDecimal for any literal.
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

// maxShortDigits is how many digits an int64 holds for sure.
const maxShortDigits = 18

// powers are those of ten.
var powers = [maxShortDigits + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// parseShort is ParseDecimal for what amounts look like: a few digits, at most
// scale of them after the point, no exponent. It reports false for all others.
func parseShort(literal []byte, precision, scale int32) (int64, bool) {
	negative := len(literal) > 0 && literal[0] == '-'
	if negative {
		literal = literal[1:]
	}
	if len(literal) > maxShortDigits {
		return 0, false
	}
	n, point := int64(0), -1
	for i, c := range literal {
		switch d := c - '0'; {
		case d <= 9:
			n = n*10 + int64(d)
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	digits, fraction := len(literal), 0
	if point >= 0 {
		digits, fraction = len(literal)-1, len(literal)-1-point
	}
	shift := int(scale) - fraction
	if digits == 0 || shift < 0 || digits+shift > maxShortDigits {
		return 0, false
	}
	if n *= powers[shift]; int(precision) < maxShortDigits && n >= powers[precision] {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// ParseRounded is ParseDecimal for amounts of money that systems calculate in
// binary floats and send as 28.104000000000003: decimals beyond the scale are
// rounded, half to even.
func ParseRounded(literal []byte, precision, scale int32) (decimal128.Num, bool) {
	if n, ok := ParseDecimal(literal, precision, scale); ok {
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
