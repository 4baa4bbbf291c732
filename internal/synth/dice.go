package synth

import (
	"math/bits"
	"math/rand/v2"
)

// dice is a stream of random numbers that belongs to one fact. It uses integers
// only: the same numbers on every machine.
type dice struct {
	pcg rand.PCG
}

// topic keeps the streams of different facts about one thing apart.
type topic uint64

const (
	aboutPerson topic = iota + 1
	aboutProvider
	aboutClaim
	aboutLine
	aboutMoney
	aboutChange
	aboutDay
	aboutObservation
)

// roll gives the stream of a fact: its topic and the numbers that name it.
func roll(seed uint64, about topic, names ...uint64) *dice {
	h := mix(seed ^ uint64(about)*0x9e3779b97f4a7c15)
	for _, n := range names {
		h = mix(h ^ n)
	}
	return &dice{pcg: *rand.NewPCG(h, mix(h))}
}

// mix is the finaliser of splitmix64: every bit of x moves half of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below is uniform in [0, n).
func (d *dice) below(n int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between is uniform in [lo, hi].
func (d *dice) between(lo, hi int) int { return lo + d.below(hi-lo+1) }

// chance is true in so many of a thousand cases.
func (d *dice) chance(perMille int) bool { return d.below(1000) < perMille }

// skewed is in [0, n), and about as often in [0,1), [1,3), [3,7) and so on:
// roughly Zipf's law, as codes and providers are used.
func (d *dice) skewed(n int) int {
	for {
		octave := d.below(bits.Len(uint(n)))
		if i := 1<<octave - 1 + d.below(1<<octave); i < n {
			return i
		}
	}
}

// spread varies an amount around its usual value: mostly by a half, now and then
// by much more. Amounts of real claims have such a long tail.
func (d *dice) spread(usual cents) cents {
	c := usual.perMille(d.between(550, 1500)).perMille(d.between(700, 1400))
	if d.chance(25) {
		c *= cents(1 + d.skewed(12))
	}
	return max(c, 1)
}

// digits is a number of n digits as text.
func (d *dice) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + d.below(10))
	}
	return string(b)
}

// choose takes one of the values, the first ones more often.
func choose[T any](d *dice, values []T) T { return values[d.skewed(len(values))] }
