package synth

// member is a person of the care team.
type member struct {
	role        string
	who         *practitioner
	responsible bool
}

// staff rolls the care team. The practitioner that a line names comes last.
func (p *population) staff(d *dice, c *claim) {
	add := func(role string, responsible bool) {
		c.team = append(c.team, member{role: role, who: p.practitioner(d.skewed(p.practitioners())), responsible: responsible})
	}
	switch c.kind {
	case pharmacy:
		add("prescribing", false)
	case inpatient:
		add("attending", true)
		if d.chance(450) {
			add("operating", false)
		}
		if d.chance(80) {
			add("otheroperating", false)
		}
		add("performing", false)
	case outpatient:
		add("attending", true)
		if d.chance(150) {
			add("operating", false)
		}
		add("performing", false)
	default:
		if d.chance(550) {
			add("referring", false)
		}
		add("performing", true)
	}
}

// diagnosis is a coded condition of the claim.
type diagnosis struct {
	code      code
	role      string // principal, admitting, secondary, other, externalcauseofinjury
	onArrival string // present on admission: Y, N, U, W or empty
}

func (p *population) diagnose(d *dice, c *claim) {
	n := 0
	rest := "secondary"
	switch c.kind {
	case professional:
		n = 1 + d.skewed(7)
	case outpatient:
		n, rest = 1+d.skewed(14), "other"
	case inpatient:
		n, rest = 4+d.skewed(21), "other"
	case oral:
		n = d.below(2)
	case pharmacy:
		return
	}
	if c.kind == inpatient {
		c.diagnoses = append(c.diagnoses, diagnosis{code: choose(d, p.diagnoses), role: "admitting"})
	}
	for i := range n {
		dx := diagnosis{code: choose(d, p.diagnoses), role: rest}
		if i == 0 {
			dx.role = "principal"
		} else if i == n-1 && c.kind.institutional() && d.chance(60) {
			dx.role = "externalcauseofinjury"
		}
		if c.kind == inpatient {
			dx.onArrival = choose(d, []string{"Y", "N", "U", "W"})
		}
		c.diagnoses = append(c.diagnoses, dx)
	}
}

// procedure is a coded procedure of a hospital stay.
type procedure struct {
	code code
	on   day
}

var discharges = []code{
	{code: "01", display: "Discharged to home/self care (routine charge)."},
	{code: "06", display: "Discharged/transferred to home care of organized home health service organization."},
	{code: "03", display: "Discharged/transferred to skilled nursing facility (SNF) with Medicare certification in anticipation of covered skilled care."},
	{code: "62", display: "Discharged/transferred to an inpatient rehabilitation facility including distinct parts units of a hospital."},
	{code: "20", display: "Expired (patient did not recover)."},
	{code: "02", display: "Discharged/transferred to other short term general hospital for inpatient care."},
	{code: "51", display: "Discharged/transferred to a Hospice – medical facility."},
	{code: "07", display: "Left against medical advice or discontinued care."},
}

var admissions = []code{
	{code: "1", display: "Emergency - The patient required immediate medical intervention as a result of severe, life threatening, or potentially disabling conditions. Generally, the patient was admitted through the emergency room."},
	{code: "3", display: "Elective - The patient's condition permitted adequate time to schedule the availability of suitable accommodations."},
	{code: "2", display: "Urgent - The patient required immediate attention for the care and treatment of a physical or mental disorder. Generally, the patient was admitted to the first available and suitable accommodation."},
}

// admit rolls what only a stay has: its DRG, procedures and end.
func (p *population) admit(d *dice, c *claim) {
	c.drg = choose(d, p.drgs)
	c.admission, c.discharge = choose(d, admissions), choose(d, discharges)
	c.origin = choose(d, []string{"1", "4", "5", "2"})
	for range d.skewed(8) {
		c.procedures = append(c.procedures, procedure{code: choose(d, p.procedures), on: c.from + day(d.below(int(c.to-c.from)+1))})
	}
}
