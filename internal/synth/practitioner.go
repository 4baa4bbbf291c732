package synth

// practitionerResource writes a Practitioner: C4BB-Practitioner.
func (p *population) practitionerResource(w *line, i int) {
	who := p.practitioner(i)
	w.resource("Practitioner", who.id, false, func() {
		w.meta(p.loaded(aboutProvider, i), c4bb+"Practitioner")
		w.only("identifier", func() { w.npi(who.npi) })
		w.yes("active")
		w.only("name", func() {
			w.str("family", who.family)
			w.texts("given", who.given)
			w.texts("prefix", "Dr.")
		})
		w.only("telecom", func() {
			w.str("system", "phone")
			w.str("value", who.phone)
			w.str("use", "work")
		})
		w.str("gender", gender(who.female))
		w.only("qualification", func() {
			w.concept("code", coding{taxonomy, who.specialty.code, who.specialty.display})
		})
	})
}

// organizationResource writes an Organization: C4BB-Organization.
func (p *population) organizationResource(w *line, i int) {
	org := p.organization(i)
	kind := coding{hl7 + "organization-type", "prov", "Healthcare Provider"}
	if i < len(payers) {
		kind.code, kind.display = "pay", "Payer"
	}
	w.resource("Organization", org.id, false, func() {
		w.meta(p.loaded(aboutProvider, i), c4bb+"Organization")
		w.array("identifier", func() {
			w.element(func() { w.npi(org.npi) })
			w.identifier(coding{v20203, "TAX", "Tax ID number"}, "urn:oid:2.16.840.1.113883.4.4", org.taxID)
		})
		w.yes("active")
		w.concepts("type", kind)
		w.str("name", org.name)
		w.only("telecom", func() {
			w.str("system", "phone")
			w.str("value", org.phone)
		})
		w.only("address", func() {
			w.str("city", org.place.display)
			w.str("state", org.place.code)
			w.str("postalCode", org.zip)
			w.str("country", "US")
		})
	})
}
