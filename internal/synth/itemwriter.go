package synth

// itemOf writes a line as both Claim and ExplanationOfBenefit have it, without
// what the payer decided.
func (w *line) itemOf(c *claim, i int) {
	it := &c.items[i]
	if c.patient.medicare {
		w.itemExtensions(c, it)
	}
	w.int("sequence", i+1)
	w.ints("careTeamSequence", len(c.team))
	if len(it.pointers) > 0 {
		w.ints("diagnosisSequence", it.pointers...)
	}
	if it.revenue.code != "" {
		w.revenue(c, it)
	}
	if c.patient.medicare && c.kind == professional {
		w.concept("category", typeOfService(it.service.class))
	}
	w.product(c, it)
	w.modifiers(c, it)
	if c.kind == professional && c.patient.medicare {
		w.period("servicedPeriod", it.on, it.on)
	} else {
		w.date("servicedDate", it.on)
	}
	w.place(c, it)
	w.object("quantity", func() { w.int("value", it.quantity) })
	w.money("unitPrice", it.unit)
	if it.tooth != "" {
		w.concept("bodySite", coding{"http://www.ada.org/toothNumbers", it.tooth, ""})
	}
	if c.visit != "" {
		w.only("encounter", func() { w.str("reference", "Encounter/"+c.visit) })
	}
}

func (w *line) revenue(c *claim, it *item) {
	coinsured := coding{}
	if c.patient.medicare {
		coinsured = coding{variables + "rev_cntr_ddctbl_coinsrnc_cd", "0", "Charges are subject to deductible and coinsurance"}
	}
	first := coding{revenueSystem, it.revenue.code, it.revenue.display}
	if c.patient.medicare {
		w.concept("revenue", coding{variables + "rev_cntr", it.revenue.code, it.revenue.display}, first, coinsured)
	} else {
		w.concept("revenue", first)
	}
}

// product is the service by HCPCS or CPT, the drug by NDC or the dental service
// by CDT. Some lines of a stay have only their revenue centre.
func (w *line) product(c *claim, it *item) {
	service := coding{w.system(c, it.service.code), it.service.code, it.service.display}
	switch {
	case it.service.code == "":
		w.concept("productOrService", coding{hl7 + "data-absent-reason", "not-applicable", "Not Applicable"})
	case c.kind == pharmacy || it.drug.code == "":
		w.concept("productOrService", service)
	case c.patient.medicare:
		w.object("productOrService", func() {
			w.only("extension", func() {
				w.str("url", ndcSystem)
				w.object("valueCoding", func() { w.codingMembers(coding{ndcSystem, it.drug.code, it.drug.display}) })
			})
			w.codings(service)
		})
	default:
		w.concept("productOrService", service, coding{ndcSystem, it.drug.code, it.drug.display})
	}
}

// system tells CPT (five digits) from HCPCS Level II, except to Medicare.
func (w *line) system(c *claim, code string) string {
	switch {
	case c.kind == pharmacy:
		return ndcSystem
	case c.kind == oral:
		return cdtSystem
	case c.patient.medicare:
		return cmsHCPCS
	case code != "" && code[0] >= 'A':
		return hcpcsSystem
	}
	return cptSystem
}

func (w *line) modifiers(c *claim, it *item) {
	if len(it.modifiers) == 0 {
		return
	}
	system := hcpcsSystem
	if c.patient.medicare {
		system = cmsHCPCS
	}
	w.array("modifier", func() {
		for _, m := range it.modifiers {
			w.element(func() { w.codings(coding{system, m, ""}) })
		}
	})
}

func (w *line) place(c *claim, it *item) {
	switch {
	case c.kind.institutional():
		w.object("locationAddress", func() { w.str("state", c.facility.place.code) })
	case it.site.code == "":
	case c.patient.medicare:
		w.object("locationCodeableConcept", func() {
			w.array("extension", func() {
				w.cmsCoding("prvdr_state_cd", c.facility.place.code, "")
				w.cmsCoding("prvdr_zip", c.facility.zip, "")
				w.cmsCoding("carr_line_prcng_lclty_cd", c.facility.place.more[0], c.facility.place.display)
			})
			w.codings(coding{variables + "line_place_of_srvc_cd", it.site.code, it.site.display})
		})
	default:
		w.concept("locationCodeableConcept", coding{siteSystem, it.site.code, it.site.display})
	}
}
