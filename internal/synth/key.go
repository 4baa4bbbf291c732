package synth

import "strconv"

// key names a claim for ever.
type key struct {
	day   int    // on which the claim first appears
	index uint64 // on day 1 the patient's index and the claim's ordinal, else an ordinal
	copy  role
}

// role tells the records apart that one bill can have.
type role uint8

const (
	original role = iota
	adjustment
	reversal
	duplicate
)

// maxClaims is the number of claims a patient can have on day 1.
const maxClaims = 1 << 12

func historic(patient, ordinal int) key {
	return key{day: 1, index: uint64(patient)*maxClaims + uint64(ordinal)}
}

// serial packs the key into 60 bits.
func (k key) serial() uint64 {
	return uint64(k.day)<<46 | uint64(k.copy)<<44 | k.index
}

// scatter turns numbers of so many bits into numbers that look random, never two
// into the same.
func scatter(seed, x uint64, bits int) uint64 {
	mask := uint64(1)<<bits - 1
	for range 3 {
		x = (x ^ mix(seed)) * 0xd1342543de82ef95 & mask
		x ^= x >> max(bits/2, 1)
	}
	return x
}

// number is an id of digits that no other record of the seed has.
func (k key) number(seed uint64) string {
	return strconv.FormatUint(scatter(seed, k.serial(), 60), 10)
}

// npi makes a National Provider Identifier: ten digits, the last of them Luhn's
// check digit over 80840 and the first nine (45 CFR 162.406).
func npi(seed uint64, n int) string {
	digits := strconv.FormatUint(1_000_000_00+scatter(seed, uint64(n), 26), 10)
	sum := 24 // the check sum of the prefix 80840
	for i := range 9 {
		v := int(digits[i] - '0')
		if i%2 == 0 {
			v = v*2%10 + v*2/10
		}
		sum += v
	}
	return digits + strconv.Itoa((10-sum%10)%10)
}

// as is another record of the same bill.
func (k key) as(r role) key {
	k.copy = r
	return k
}
