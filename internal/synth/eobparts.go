package synth

// typeOf writes the type and subtype. Medicare's own types come first.
func (w *line) typeOf(c *claim) {
	nch, eobType := coding{}, coding{}
	if c.patient.medicare {
		types := [...]code{
			professional: {code: "71", display: "Local carrier non-durable medical equipment, prosthetics, orthotics, and supplies (DMEPOS) claim", class: "CARRIER"},
			pharmacy:     {class: "PDE"},
			outpatient:   {code: "40", display: "Hospital Outpatient claim", class: "OUTPATIENT"},
			inpatient:    {code: "60", display: "Inpatient claim", class: "INPATIENT"},
			oral:         {},
		}
		t := types[c.kind]
		nch, eobType = coding{variables + "nch_clm_type_cd", t.code, t.display}, coding{cmsEOBType, t.class, ""}
	}
	w.concept("type", nch, eobType, claimTypes[c.kind])
	if c.kind.institutional() {
		subType := map[kind]string{inpatient: "inpatient", outpatient: "outpatient"}[c.kind]
		w.concept("subType", coding{institutionType, subType, ""})
	}
}

// billable is the period of the services.
func (w *line) billable(c *claim) {
	w.object("billablePeriod", func() {
		if c.patient.medicare && c.kind.institutional() {
			w.array("extension", func() { w.cmsCoding("claim_query_cd", "3", "Final bill") })
		}
		w.date("start", c.from)
		w.date("end", c.to)
	})
}

// parties are insurer, provider and payee: references.
func (p *population) parties(w *line, c *claim) {
	insurer := p.organization(c.patient.payer)
	w.object("insurer", func() {
		w.str("reference", "Organization/"+insurer.id)
		w.str("display", insurer.name)
	})
	w.object("provider", func() {
		w.str("reference", "Organization/"+c.facility.id)
		w.str("display", c.facility.name)
	})
	w.payee(c)
}

// medicareParties are insurer, provider and facility as Medicare sends them: by
// identifier, or as a contained organization.
func (w *line) medicareParties(c *claim) {
	w.logical("insurer", func() { w.str("value", "CMS") })
	switch c.kind {
	case inpatient, outpatient:
		w.object("provider", func() { w.str("reference", "#provider-org") })
		w.object("facility", func() {
			w.array("extension", func() { w.cmsCoding("clm_fac_type_cd", "1", "Hospital") })
		})
	case pharmacy:
		w.providerBy(npiSystem, c.facility.npi)
		w.pharmacyFacility(c)
	default:
		w.providerBy(variables+"carr_clm_blg_npi_num", c.facility.npi)
	}
}

func (w *line) providerBy(system, value string) {
	w.logical("provider", func() {
		w.str("system", system)
		w.str("value", value)
	})
}

func (w *line) payee(c *claim) {
	kind, party := coding{hl7 + "payeetype", "provider", "Provider"}, "Organization/"+c.facility.id
	if c.total[paidToPatient] != 0 {
		kind, party = coding{hl7 + "payeetype", "subscriber", "Subscriber"}, "Patient/"+c.patient.subscriber
	}
	w.object("payee", func() {
		w.concept("type", kind)
		w.object("party", func() { w.str("reference", party) })
	})
}

func (w *line) pharmacyFacility(c *claim) {
	w.object("facility", func() {
		w.array("extension", func() { w.cmsCoding("phrmcy_srvc_type_cd", "01", "Community/retail pharmacy") })
		w.object("identifier", func() { w.npi(c.facility.npi) })
		w.str("display", c.facility.name)
	})
}

// insurance is the coverage that pays. Part D names the contract, too.
func (w *line) insurance(c *claim) {
	w.yes("focal")
	w.object("coverage", func() {
		if c.patient.medicare && c.kind == pharmacy {
			w.array("extension", func() {
				w.cmsIdentifier("plan_cntrct_rec_id", "S"+c.control[9:13])
				w.cmsIdentifier("plan_pbp_rec_num", "0"+c.control[5:7])
			})
		}
		w.str("reference", "Coverage/"+coverageOf(c.patient, c.kind))
	})
}

func (w *line) payment(c *claim) {
	w.object("payment", func() {
		if !c.patient.medicare {
			state := coding{hl7 + "ex-paymenttype", "complete", "Complete"}
			if c.total[benefit] == 0 {
				state = coding{"http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayerClaimPaymentStatusCode", "denied", "Denied"}
			}
			w.concept("type", state)
		}
		w.date("date", c.paid)
		w.money("amount", c.total[benefit])
	})
}
