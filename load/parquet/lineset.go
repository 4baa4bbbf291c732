package parquet

import mathbits "math/bits"

// origin is a file that a run read.
type origin struct{ run, file string }

// lineSet is a set of lines, which is what rows of all tables are known by: the
// rows of a line go together. A bit a line.
type lineSet map[origin][]uint64

func (s lineSet) add(o origin, line int64) {
	bits := s[o]
	for int64(len(bits)) <= line/64 {
		bits = append(bits, make([]uint64, 1+len(bits)/2)...)
	}
	bits[line/64] |= 1 << (line % 64)
	s[o] = bits
}

func (s lineSet) has(o origin, line int64) bool {
	bits := s[o]
	return line/64 < int64(len(bits)) && bits[line/64]&(1<<(line%64)) != 0
}

// within reports whether the set has one of the lines first to last of any file
// of a run; with "" of any run.
func (s lineSet) within(run string, first, last int64) bool {
	for o, bits := range s {
		if run != "" && o.run != run {
			continue
		}
		for line := first; line <= last && line/64 < int64(len(bits)); {
			rest := bits[line/64] >> (line % 64)
			if rest != 0 && line+int64(mathbits.TrailingZeros64(rest)) <= last {
				return true
			}
			line += 64 - line%64
		}
	}
	return false
}
