package transform

// maxShortDigits is how many digits an int64 holds for sure.
const maxShortDigits = 18

// powers are those of ten.
var powers = [maxShortDigits + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// parseShort is parseDecimal for what amounts look like: a few digits, at most
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
