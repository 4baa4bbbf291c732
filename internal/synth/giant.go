package synth

// giantBytes is how long the longest line is, at least.
const giantBytes = 5 << 20

// giant writes one more claim, with so many lines that its EOB is far longer than
// the buffers of line readers.
func (w *writer) giant() error {
	if !w.EdgeCases {
		return nil
	}
	c := w.longest()
	w.submit(&w.line, c)
	if err := w.sink.put("Claim", w.line.buf); err != nil {
		return err
	}
	w.explanation(&w.line, c)
	return w.sink.put("ExplanationOfBenefit", w.line.buf)
}

// longest is a professional claim of the first patient, under an ordinal that no
// other claim of theirs has.
func (w *writer) longest() *claim {
	for ordinal := maxClaims - 1; ; ordinal-- {
		k := historic(0, ordinal)
		c := w.claim(k, 1, 1)
		if c.kind != professional {
			continue
		}
		c.visit = ""
		for n := 100; ; n = n*giantBytes/len(w.line.buf)*21/20 + 1 {
			c.items, c.total = nil, amounts{}
			money := roll(w.Seed, aboutMoney, k.serial())
			w.addItems(c, money, n)
			w.adjudicate(c, money)
			if w.explanation(&w.line, c); len(w.line.buf) >= giantBytes {
				return c
			}
		}
	}
}
