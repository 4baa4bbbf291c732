package synth

import "context"

// Write generates NDJSON files into dir, which must be empty or absent: for each
// resource type Type.000.ndjson, Type.001.ndjson and so on, of about 256 MiB each,
// and from day 2 on deleted.ndjson with delete bundles (Bulk Data, "deleted").
// Memory does not grow with the population. On an error, which names the option or
// the file, nothing is left in dir.
func Write(ctx context.Context, dir string, o Options) (Summary, error) {
	o, err := o.check()
	if err != nil {
		return Summary{}, err
	}
	s, err := newSink(dir)
	if err != nil {
		return Summary{}, err
	}
	w := &writer{ctx: ctx, population: newPopulation(o), sink: s, edges: newEdges(o.EdgeCases)}
	if o.Day == 1 {
		err = w.everything()
	} else {
		err = w.increment(o.Day)
	}
	if err := s.close(err); err != nil {
		return Summary{}, err
	}
	return s.summary, nil
}

// writer renders one resource after the other.
type writer struct {
	*population
	ctx   context.Context
	line  line
	sink  *sink
	edges *edges
	gone  []string // references deleted, not yet written
}

// emit renders a resource and writes it, perhaps as an edge case.
func (w *writer) emit(resourceType string, render func(*line)) error {
	render(&w.line)
	return w.sink.put(resourceType, w.edges.mix(resourceType, w.line.buf))
}

// everything is day 1.
func (w *writer) everything() error {
	if err := w.providers(); err != nil {
		return err
	}
	for i := range w.Patients {
		if err := w.life(i); err != nil {
			return err
		}
	}
	return w.giant()
}

func (w *writer) providers() error {
	for i := range w.organizations() {
		if err := w.emit("Organization", func(l *line) { w.organizationResource(l, i) }); err != nil {
			return err
		}
	}
	for i := range w.practitioners() {
		if err := w.emit("Practitioner", func(l *line) { w.practitionerResource(l, i) }); err != nil {
			return err
		}
	}
	return nil
}

// life is a patient with the policies and claims of day 1.
func (w *writer) life(i int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	who := w.person(i)
	if err := w.emit("Patient", func(l *line) { w.patient(l, who) }); err != nil {
		return err
	}
	for _, c := range policies(who) {
		if err := w.emit("Coverage", func(l *line) { w.coverage(l, who, c) }); err != nil {
			return err
		}
	}
	for ordinal := range w.claimsOf(i) {
		if err := w.fresh(w.claim(historic(i, ordinal), 1, 1)); err != nil {
			return err
		}
	}
	return nil
}

// fresh writes a new claim with the visit it bills.
func (w *writer) fresh(c *claim) error {
	if c.visit != "" {
		if err := w.visit(c); err != nil {
			return err
		}
	}
	return w.both(c)
}

func (w *writer) visit(c *claim) error {
	if err := w.emit("Encounter", func(l *line) { encounter(l, c) }); err != nil {
		return err
	}
	for i := range c.procedures {
		if err := w.emit("Procedure", func(l *line) { performed(l, c, i) }); err != nil {
			return err
		}
	}
	for i, o := range w.observations(c) {
		if err := w.emit("Observation", func(l *line) { o.write(l, c, i) }); err != nil {
			return err
		}
	}
	return nil
}

// both writes the Claim and its ExplanationOfBenefit.
func (w *writer) both(c *claim) error {
	if err := w.emit("Claim", func(l *line) { w.submit(l, c) }); err != nil {
		return err
	}
	return w.explain(c)
}

func (w *writer) explain(c *claim) error {
	return w.emit("ExplanationOfBenefit", func(l *line) { w.explanation(l, c) })
}
