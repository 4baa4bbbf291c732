package synth

import (
	"fmt"
	"io"
)

// EOBs writes ExplanationOfBenefit lines to w until at least n bytes are written:
// a benchmark's input. The same seed gives the same bytes. The error is w's.
func EOBs(w io.Writer, n int64, seed uint64) error {
	o, err := Options{Patients: 1 << 20, Seed: seed}.check()
	if err != nil {
		return err
	}
	p := newPopulation(o)
	var l line
	for patient := 0; ; patient = (patient + 1) % o.Patients {
		for ordinal := range p.claimsOf(patient) {
			if n <= 0 {
				return nil
			}
			p.explanation(&l, p.claim(historic(patient, ordinal), 1, 1))
			wrote, err := w.Write(l.buf)
			if err != nil {
				return fmt.Errorf("write explanations of benefit: %w", err)
			}
			n -= int64(wrote)
		}
	}
}
