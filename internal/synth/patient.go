package synth

import (
	"fmt"
	"time"
)

// loaded is when a resource that never changes came into the server: in the
// month before Start.
func (p *population) loaded(about topic, i int) time.Time {
	return p.Start.Add(-time.Minute - time.Duration(roll(p.Seed, about, uint64(i), 2).below(30*86400_000))*time.Millisecond)
}

// patient writes a Patient: C4BB-Patient, with Medicare's extensions where the
// person has Medicare.
func (p *population) patient(w *line, who *person) {
	w.resource("Patient", who.id, who.medicare, func() {
		w.meta(p.loaded(aboutPerson, who.index), c4bb+"Patient")
		w.array("extension", func() { p.patientExtensions(w, who) })
		w.array("identifier", func() { patientIdentifiers(w, who) })
		w.yes("active")
		w.only("name", func() {
			w.str("use", "usual")
			w.str("family", who.family)
			w.texts("given", who.given...)
		})
		w.only("telecom", func() {
			w.str("system", "phone")
			w.str("value", who.phone)
			w.str("use", "home")
		})
		w.str("gender", gender(who.female))
		w.date("birthDate", who.born)
		if who.died > 0 {
			w.date("deceasedDateTime", who.died)
		}
		w.only("address", func() {
			w.str("use", "home")
			w.texts("line", who.street)
			w.str("city", who.place.display)
			w.str("state", who.place.code)
			w.str("postalCode", who.zip)
			w.str("country", "US")
		})
		w.only("generalPractitioner", func() {
			w.str("reference", "Practitioner/"+p.practitioner(who.physician).id)
		})
		w.reference("managingOrganization", "Organization", p.organization(who.payer).id)
	})
}

func gender(female bool) string {
	if female {
		return "female"
	}
	return "male"
}

func patientIdentifiers(w *line, who *person) {
	if !who.medicare {
		w.identifier(coding{v20203, "MB", "Member Number"}, payerIdentifiers+"member", who.member)
		return
	}
	w.element(func() {
		w.only("extension", func() {
			const currency = cms + "codesystem/identifier-currency"
			w.str("url", currency)
			w.object("valueCoding", func() { w.codingMembers(coding{currency, "current", "Current"}) })
		})
		w.concept("type", coding{v20203, "MC", "Patient's Medicare number"})
		w.str("system", "http://hl7.org/fhir/sid/us-mbi")
		w.str("value", who.member)
	})
	w.identifier(coding{v20203, "MB", "Member Number"}, variables+"bene_id", who.id)
}

func (p *population) patientExtensions(w *line, who *person) {
	const omb = "urn:oid:2.16.840.1.113883.6.238"
	w.element(func() {
		w.str("url", usCore+"us-core-race")
		w.array("extension", func() {
			w.element(func() {
				w.str("url", "ombCategory")
				w.object("valueCoding", func() { w.codingMembers(coding{omb, who.race.more[0], who.race.more[1]}) })
			})
			w.element(func() {
				w.str("url", "text")
				w.str("valueString", who.race.display)
			})
		})
	})
	w.element(func() {
		w.str("url", usCore+"us-core-birthsex")
		w.str("valueCode", map[bool]string{true: "F", false: "M"}[who.female])
	})
	if who.medicare {
		w.cmsCoding("race", who.race.code, who.race.display)
		p.entitlement(w, who)
	}
}

// entitlement says for every month whether Medicaid pays too.
func (p *population) entitlement(w *line, who *person) {
	w.element(func() {
		w.str("url", variables+"rfrnc_yr")
		w.str("valueDate", p.Start.Format("2006"))
	})
	dual, display := "00", "Not Medicare enrolled as dual eligible for the month"
	if who.dual {
		dual, display = "02", "Qualified Medicare Beneficiary (QMB) and full Medicaid coverage, including prescription drugs"
	}
	for month := range 12 {
		w.cmsCoding(fmt.Sprintf("dual_%02d", month+1), dual, display)
	}
}
