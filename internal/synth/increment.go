package synth

import "strconv"

// bundle is the type of the lines of deleted.ndjson.
const bundle = "Bundle"

// deletesPerBundle is how many resources one delete bundle names.
const deletesPerBundle = 100

// increment is day n: new claims, and what became of the older ones.
func (w *writer) increment(n int) error {
	for i := range w.claimsOn(n) {
		if err := w.fresh(w.claim(key{day: n, index: uint64(i)}, n, n)); err != nil {
			return err
		}
	}
	err := w.older(n, func(k key) error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		c := w.changeOn(k, n)
		if c == unchanged {
			return nil
		}
		version, open := w.before(k, n)
		if !open {
			return nil
		}
		return w.apply(c, k, version, n)
	})
	if err != nil || len(w.gone) == 0 {
		return err
	}
	return w.bundle(n)
}

// apply writes what a change leaves.
func (w *writer) apply(c change, k key, version, n int) error {
	switch c {
	case unchanged:
	case updated:
		return w.both(w.claim(k, n, n))
	case cancelled:
		old := w.claim(k, version, n)
		old.cancelled = true
		return w.both(old)
	case adjusted:
		return w.replace(k, adjustment, version, n, n)
	case reversed:
		return w.replace(k, reversal, version, version, n)
	case duplicated:
		return w.explain(w.claim(k.as(duplicate), version, n))
	case deleted:
		old := w.claim(k, version, n)
		w.gone = append(w.gone, "ExplanationOfBenefit/"+old.eob, "Claim/"+old.id)
		if len(w.gone) >= deletesPerBundle {
			return w.bundle(n)
		}
	}
	return nil
}

// replace cancels a claim in favour of another record of the same bill. Each
// points to the other.
func (w *writer) replace(k key, by role, version, newVersion, n int) error {
	old, successor := w.claim(k, version, n), w.claim(k.as(by), newVersion, n)
	old.cancelled, old.final = true, false
	old.related = []relation{{"replacedby", successor.id}}
	successor.related = []relation{{"prior", old.id}}
	if err := w.both(old); err != nil {
		return err
	}
	return w.both(successor)
}

// bundle writes the deletes collected so far.
func (w *writer) bundle(n int) error {
	number := w.sink.summary.Resources[bundle] + 1
	w.line.resource(bundle, "deleted-"+strconv.Itoa(n)+"-"+strconv.FormatInt(number, 10), false, func() {
		w.line.str("type", "transaction")
		w.line.array("entry", func() {
			for _, reference := range w.gone {
				w.line.element(func() {
					w.line.object("request", func() {
						w.line.str("method", "DELETE")
						w.line.str("url", reference)
					})
				})
			}
		})
	})
	w.gone = w.gone[:0]
	return w.sink.put(bundle, w.line.buf)
}
