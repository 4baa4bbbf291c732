package synth

// eobProfiles are CARIN's profiles by kind of claim.
var eobProfiles = [...]string{
	professional: c4bb + "ExplanationOfBenefit-Professional-NonClinician",
	pharmacy:     c4bb + "ExplanationOfBenefit-Pharmacy",
	outpatient:   c4bb + "ExplanationOfBenefit-Outpatient-Institutional",
	inpatient:    c4bb + "ExplanationOfBenefit-Inpatient-Institutional",
	oral:         c4bb + "ExplanationOfBenefit-Oral",
}

// claimTypes are HL7's types of claims.
var claimTypes = [...]coding{
	professional: {hl7 + "claim-type", "professional", "Professional"},
	pharmacy:     {hl7 + "claim-type", "pharmacy", "Pharmacy"},
	outpatient:   {hl7 + "claim-type", "institutional", "Institutional"},
	inpatient:    {hl7 + "claim-type", "institutional", "Institutional"},
	oral:         {hl7 + "claim-type", "oral", "Oral"},
}

// explanation writes an ExplanationOfBenefit: C4BB-ExplanationOfBenefit of the
// claim's kind.
func (p *population) explanation(w *line, c *claim) {
	w.resource("ExplanationOfBenefit", c.eob, c.patient.medicare, func() {
		w.meta(c.updated, eobProfiles[c.kind], tags(c)...)
		if c.patient.medicare {
			w.contained(c)
			w.headerExtensions(c)
		}
		p.identity(w, c)
		w.str("outcome", "complete")
		w.careTeam(c)
		w.supportingInfo(c)
		w.diagnosisList(c)
		w.procedureList(c)
		w.only("insurance", func() { w.insurance(c) })
		w.decided(c)
	})
}

// identity is which claim it is, of what type, for whom and by whom.
func (p *population) identity(w *line, c *claim) {
	w.array("identifier", func() { w.identifiers(c) })
	w.str("status", status(c))
	w.typeOf(c)
	w.str("use", "claim")
	w.reference("patient", "Patient", c.patient.id)
	w.billable(c)
	w.instant("created", c.processed.time())
	if c.patient.medicare {
		w.medicareParties(c)
	} else {
		p.parties(w, c)
	}
	w.reference("claim", "Claim", c.submission)
	w.relations(c)
}

// decided is what the payer made of each line and of the whole.
func (w *line) decided(c *claim) {
	w.array("item", func() {
		for i := range c.items {
			w.element(func() {
				w.itemOf(c, i)
				w.adjudicated(c, &c.items[i])
			})
		}
	})
	if c.kind == inpatient || !c.patient.medicare {
		w.header(c)
	}
	w.array("total", func() { w.totals(c) })
	w.payment(c)
	if c.patient.medicare && c.kind != pharmacy {
		w.balance(c)
	}
}

func tags(c *claim) []coding {
	if !c.patient.medicare {
		return nil
	}
	final := coding{finalActionTag, "FinalAction", "Final Action"}
	if !c.final {
		final.code, final.display = "NotFinalAction", "Not Final Action"
	}
	return []coding{{systemTypeTag, "NationalClaimsHistory", "National Claims History"}, final}
}

func status(c *claim) string {
	if c.cancelled {
		return "cancelled"
	}
	return "active"
}

// identifiers are the unique claim id, the group that a bill and its adjustments
// share, and the claim control number.
func (w *line) identifiers(c *claim) {
	unique := coding{identifierType, "uc", "Unique Claim ID"}
	control := coding{v20203, "ACSN", "Accession ID"}
	if !c.patient.medicare {
		w.identifier(unique, payerIdentifiers+"claim", c.number)
		w.identifier(unique, payerIdentifiers+"claim-group", c.group)
		w.identifier(control, payerIdentifiers+"claim-control-number", c.control)
		return
	}
	id := "clm_id"
	if c.kind == pharmacy {
		id = "pde_id"
	}
	w.identifier(unique, variables+id, c.number)
	w.identifier(unique, claimGroup, c.group)
	if c.kind == pharmacy {
		w.identifier(unique, variables+"rx_srvc_rfrnc_num", c.control[:9])
	} else {
		w.identifier(control, "https://bluebutton.cms.gov/identifiers/CLM-CNTL-NUM", c.control)
	}
}

// header is the adjudication of the claim as a whole: of a stay the amounts,
// which its lines do not have, and how the network matters.
func (w *line) header(c *claim) {
	w.array("adjudication", func() {
		if !c.patient.medicare {
			w.decision("billingnetworkstatus", "Billing Network Status", coding{payerStatus, "contracted", "Contracted"})
			w.network(c)
		}
		if c.kind == inpatient {
			w.totals(c)
		}
	})
}

func (w *line) relations(c *claim) {
	if len(c.related) == 0 {
		return
	}
	w.array("related", func() {
		for _, r := range c.related {
			w.element(func() {
				w.reference("claim", "Claim", r.claim)
				relationship := coding{hl7 + "ex-relatedclaimrelationship", "prior", "Prior Claim"}
				if r.relationship == "replacedby" {
					relationship = coding{relationSystem, "replacedby", "Replaced By"}
				}
				w.concept("relationship", relationship)
			})
		}
	})
}
