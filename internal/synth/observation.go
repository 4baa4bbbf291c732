package synth

import (
	"strconv"
	"time"
)

const hour = time.Hour

// clock is the time of day of a visit: from eight to five.
func clock(c *claim) time.Duration {
	return 8*time.Hour + time.Duration(mix(c.key.serial())%(9*60))*time.Minute
}

// observation is a measurement of a visit, in tenths of its unit.
type observation struct {
	measure code
	tenths  int
}

func (p *population) observations(c *claim) []observation {
	d := roll(p.Seed, aboutObservation, uint64(c.key.day), c.key.index)
	var out []observation
	for range d.skewed(6) {
		m := choose(d, p.measures)
		out = append(out, observation{measure: m, tenths: d.between(number(m.more[1]), number(m.more[2]))})
	}
	return out
}

func (o observation) write(w *line, c *claim, i int) {
	w.resource("Observation", "observation-"+c.number+"-"+strconv.Itoa(i+1), false, func() {
		at := c.from.time().Add(clock(c))
		w.meta(c.updated, usCore+"us-core-observation-lab")
		w.str("status", "final")
		w.concepts("category", coding{hl7 + "observation-category", o.measure.class, ""})
		w.concept("code", coding{loinc, o.measure.code, o.measure.display})
		w.reference("subject", "Patient", c.patient.id)
		w.reference("encounter", "Encounter", c.visit)
		w.instant("effectiveDateTime", at)
		w.instant("issued", at.Add(hour))
		w.only("performer", func() { w.str("reference", "Practitioner/"+c.team[0].who.id) })
		w.object("valueQuantity", func() {
			w.key("value")
			w.buf = cents(o.tenths * 10).appendShort(w.buf)
			w.str("unit", o.measure.more[0])
			w.str("system", ucum)
			w.str("code", o.measure.more[0])
		})
	})
}
