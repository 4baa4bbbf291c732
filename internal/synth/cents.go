package synth

import "strconv"

// cents is money in US cents: a float could not add up.
type cents int64

// appendShort prints as Medicare's feeds do: one decimal at least, no trailing
// zero after it (0.0, 37.5, 84.99).
func (c cents) appendShort(b []byte) []byte {
	b = c.appendFull(b)
	if b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// appendFull prints both decimals (0.00, 37.50), as many payers do.
func (c cents) appendFull(b []byte) []byte {
	if c < 0 {
		b = append(b, '-')
		c = -c
	}
	b = strconv.AppendInt(b, int64(c/100), 10)
	return append(b, '.', byte('0'+c/10%10), byte('0'+c%10))
}

// perMille is the share of c in thousandths, rounded down.
func (c cents) perMille(share int) cents { return c * cents(share) / 1000 }
