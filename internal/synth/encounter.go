package synth

import "strconv"

// encounter writes the visit that a claim bills.
func encounter(w *line, c *claim) {
	class := coding{actCode, "AMB", "ambulatory"}
	if c.kind == inpatient {
		class = coding{actCode, "IMP", "inpatient encounter"}
	} else if len(c.items) > 0 && c.items[0].site.code == "23" {
		class = coding{actCode, "EMER", "emergency"}
	}
	w.resource("Encounter", c.visit, false, func() {
		w.meta(c.updated, usCore+"us-core-encounter")
		w.str("status", "finished")
		w.object("class", func() { w.codingMembers(class) })
		w.concepts("type", coding{snomed, "308335008", "Patient encounter procedure"})
		w.reference("subject", "Patient", c.patient.id)
		w.array("participant", func() {
			for _, m := range c.team {
				w.element(func() { w.reference("individual", "Practitioner", m.who.id) })
			}
		})
		w.object("period", func() {
			w.instant("start", c.from.time().Add(clock(c)))
			w.instant("end", c.to.time().Add(clock(c)+hour))
		})
		w.array("reasonCode", func() {
			for _, d := range c.diagnoses[:min(len(c.diagnoses), 2)] {
				w.element(func() { w.codings(coding{icd10cm, d.code.code, d.code.display}) })
			}
		})
		if c.kind == inpatient {
			w.object("hospitalization", func() {
				w.concept("dischargeDisposition", coding{"https://www.nubc.org/CodeSystem/PatDischargeStatus", c.discharge.code, c.discharge.display})
			})
		}
		w.reference("serviceProvider", "Organization", c.facility.id)
	})
}

// performed writes a procedure of the visit.
func performed(w *line, c *claim, i int) {
	p := c.procedures[i]
	w.resource("Procedure", procedureID(c, i), false, func() {
		w.meta(c.updated, usCore+"us-core-procedure")
		w.str("status", "completed")
		w.concept("code", coding{"http://www.cms.gov/Medicare/Coding/ICD10", p.code.code, p.code.display})
		w.reference("subject", "Patient", c.patient.id)
		w.reference("encounter", "Encounter", c.visit)
		w.object("performedPeriod", func() {
			w.instant("start", p.on.time().Add(clock(c)))
			w.instant("end", p.on.time().Add(clock(c)+hour))
		})
		w.only("performer", func() { w.reference("actor", "Practitioner", c.team[len(c.team)-1].who.id) })
	})
}

func procedureID(c *claim, i int) string {
	return "procedure-" + c.number + "-" + strconv.Itoa(i+1)
}
