package synth

var roles = map[string]coding{
	"referring":      {teamRole, "referring", "Referring"},
	"attending":      {teamRole, "attending", "Attending"},
	"operating":      {teamRole, "operating", "Operating"},
	"otheroperating": {teamRole, "otheroperating", "Other Operating"},
	"performing":     {teamRole, "performing", "Performing provider"},
	"prescribing":    {teamRole, "prescribing", "Prescribing provider"},
}

// careTeam names people by reference, or as Medicare does by NPI only.
func (w *line) careTeam(c *claim) {
	w.array("careTeam", func() {
		for i, m := range c.team {
			w.element(func() { w.member(c, m, i+1) })
		}
	})
}

func (w *line) member(c *claim, m member, sequence int) {
	specialty := coding{taxonomy, m.who.specialty.code, m.who.specialty.display}
	cmsSpecialty := coding{}
	if c.patient.medicare {
		cmsSpecialty = coding{variables + "prvdr_spclty", m.who.specialty.more[0], m.who.specialty.more[1]}
	}
	if c.patient.medicare && c.kind == professional && m.role == "performing" {
		w.array("extension", func() {
			w.cmsCoding("carr_line_prvdr_type_cd", "0", "Clinics, groups, associations, partnerships, or other entities")
			w.cmsCoding("prtcptng_ind_cd", "1", "Participating")
		})
	}
	w.int("sequence", sequence)
	w.object("provider", func() {
		if c.patient.medicare {
			w.object("identifier", func() { w.npi(m.who.npi) })
		} else {
			w.str("reference", "Practitioner/"+m.who.id)
		}
		w.str("display", m.who.given+" "+m.who.family)
	})
	if m.responsible {
		w.yes("responsible")
	}
	w.concept("role", roles[m.role])
	if m.role != "referring" {
		w.concept("qualification", specialty, cmsSpecialty)
	}
}
