package parquet

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

// hasRun reports whether lines of a run are in the set.
func (s lineSet) hasRun(run string) bool {
	for o := range s {
		if o.run == run {
			return true
		}
	}
	return false
}
