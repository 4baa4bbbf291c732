package synth

import "fmt"

// policy is one Coverage of a person.
type policy struct {
	part          string // of Medicare, or the benefit of a commercial plan
	class, source string // plan and group
}

var medicareParts = []policy{
	{"part-a", "Part A", "Medicare"}, {"part-b", "Part B", "Medicare"}, {"part-d", "Part D", "Medicare"},
}

var commercialParts = []policy{
	{"medical", "PPO Standard", "Employer group"}, {"pharmacy", "Three-tier formulary", "Employer group"}, {"dental", "Dental Choice", "Employer group"},
}

func policies(who *person) []policy {
	if who.medicare {
		return medicareParts
	}
	return commercialParts
}

// coverageOf is the id of the Coverage that pays for a claim.
func coverageOf(who *person, k kind) string {
	part := 0
	switch {
	case who.medicare && k == pharmacy:
		part = 2
	case who.medicare && k != inpatient:
		part = 1
	case k == pharmacy:
		part = 1
	case k == oral:
		part = 2
	}
	return policies(who)[part].part + "-" + who.id
}

// coverage writes one Coverage: C4BB-Coverage.
func (p *population) coverage(w *line, who *person, c policy) {
	w.resource("Coverage", c.part+"-"+who.id, who.medicare, func() {
		w.meta(p.loaded(aboutPerson, who.index), c4bb+"Coverage")
		if who.medicare {
			w.array("extension", func() { p.enrolment(w, who) })
		}
		w.only("identifier", func() {
			w.concept("type", coding{v20203, "MB", "Member Number"})
			w.str("system", payerIdentifiers+"member")
			w.str("value", who.member)
		})
		w.str("status", "active")
		if who.medicare {
			w.concept("type", coding{actCode, "SUBSIDIZ", "subsidized health program"})
		} else {
			w.concept("type", coding{actCode, "HIP", "health insurance plan policy"})
			w.reference("policyHolder", "Patient", who.subscriber)
			w.reference("subscriber", "Patient", who.subscriber)
		}
		w.str("subscriberId", who.member)
		w.reference("beneficiary", "Patient", who.id)
		relationship := coding{hl7 + "subscriber-relationship", "self", "Self"}
		if who.subscriber != who.id {
			relationship.code, relationship.display = "spouse", "Spouse"
		}
		w.concept("relationship", relationship)
		w.object("period", func() { w.date("start", who.enrolled) })
		w.only("payor", func() { w.str("reference", "Organization/"+p.organization(who.payer).id) })
		w.array("class", func() { classes(w, who, c) })
	})
}

func classes(w *line, who *person, c policy) {
	class := func(kind, display, value, name string) {
		w.element(func() {
			w.concept("type", coding{hl7 + "coverage-class", kind, display})
			w.str("value", value)
			w.str("name", name)
		})
	}
	group := who.group
	if who.medicare {
		group = c.source
	}
	class("group", "Group", group, c.source)
	class("plan", "Plan", c.class, c.class)
	if c.part == "pharmacy" {
		class("rxbin", "RX BIN", "610014", "RX BIN")
		class("rxpcn", "RX PCN", "MEDDPRIME", "RX PCN")
	}
}

// enrolment says why the person has Medicare, and who paid the premium each month.
func (p *population) enrolment(w *line, who *person) {
	status, display, reason := "10", "Aged without end-stage renal disease (ESRD)", code{code: "0", display: "Old age and survivor’s insurance (OASI)"}
	if who.disabled {
		status, display, reason = "20", "Disabled without ESRD", code{code: "1", display: "Disability insurance benefits (DIB)"}
	}
	w.cmsCoding("ms_cd", status, display)
	w.cmsCoding("orec", reason.code, reason.display)
	w.cmsCoding("crec", reason.code, reason.display)
	w.cmsCoding("esrd_ind", "N", "the beneficiary does not have ESRD")
	w.element(func() {
		w.str("url", variables+"rfrnc_yr")
		w.str("valueDate", p.Start.Format("2006"))
	})
	buyIn, display := "3", "Part A and Part B"
	if who.dual {
		buyIn, display = "C", "Part A and Part B state buy-in"
	}
	for month := range 12 {
		w.cmsCoding(fmt.Sprintf("buyin%02d", month+1), buyIn, display)
	}
}
