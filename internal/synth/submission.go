package synth

// submit writes the Claim that the provider sent: the lines without what the
// payer decided.
func (p *population) submit(w *line, c *claim) {
	w.resource("Claim", c.id, c.patient.medicare, func() {
		w.object("meta", func() { w.instant("lastUpdated", c.updated) })
		w.array("identifier", func() { w.identifiers(c) })
		w.str("status", status(c))
		w.concept("type", claimTypes[c.kind])
		w.str("use", "claim")
		w.reference("patient", "Patient", c.patient.id)
		w.period("billablePeriod", c.from, c.to)
		w.instant("created", c.received.time())
		w.reference("insurer", "Organization", p.organization(c.patient.payer).id)
		w.reference("provider", "Organization", c.facility.id)
		w.concept("priority", coding{hl7 + "processpriority", "normal", "Normal"})
		w.relations(c)
		w.careTeam(c)
		w.diagnosisList(c)
		w.procedureList(c)
		w.only("insurance", func() {
			w.int("sequence", 1)
			w.yes("focal")
			w.reference("coverage", "Coverage", coverageOf(c.patient, c.kind))
		})
		w.array("item", func() {
			for i := range c.items {
				w.element(func() {
					w.itemOf(c, i)
					w.money("net", c.items[i].amounts[submitted])
				})
			}
		})
		w.money("total", c.total[submitted])
	})
}
