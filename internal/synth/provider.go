package synth

import (
	"fmt"
	"strconv"
)

// practitioner is a person who treats or prescribes.
type practitioner struct {
	id, npi       string
	female        bool
	family, given string
	specialty     code
	phone         string
}

// organization is a provider or a payer.
type organization struct {
	id, npi, taxID, ccn string // ccn: CMS certification number
	name                string
	place               code
	zip, phone          string
}

// payers come first among the organizations; the first is Medicare.
var payers = []string{
	"Centers for Medicare and Medicaid Services", "Blue Harbor Health Plan", "Summit Mutual", "Prairie Health Cooperative",
	"Unity Care of the Lakes", "Río Grande Salud", "Evergreen Employers Trust",
}

var facilities = []string{
	"%s Regional Medical Center", "%s Medical Group", "%s Family Practice", "%s Pharmacy", "St. %s Hospital", "%s Clinical Laboratory",
	"%s Imaging Center", "%s Orthopaedics & Sports Medicine", "%s Surgery Center", "Children's Hospital of %s", "%s Dental", "%s Home Health Care, Inc.",
}

// practitioners is how many there are: one for twelve patients and some.
func (p *population) practitioners() int { return 40 + p.Patients/12 }

// organizations is how many there are, payers included.
func (p *population) organizations() int { return len(payers) + 24 + p.Patients/60 }

func (p *population) practitioner(i int) *practitioner {
	d := roll(p.Seed, aboutProvider, uint64(i), 0)
	who := &practitioner{
		id:        "practitioner-" + strconv.FormatUint(scatter(p.Seed, uint64(i), 34), 10),
		npi:       npi(p.Seed, 2*i),
		female:    d.chance(430),
		family:    choose(d, p.family),
		specialty: choose(d, p.specialties),
		phone:     "555" + d.digits(7),
	}
	who.given = choose(d, p.male)
	if who.female {
		who.given = choose(d, p.female)
	}
	return who
}

func (p *population) organization(i int) *organization {
	d := roll(p.Seed, aboutProvider, uint64(i), 1)
	org := &organization{
		id:    "organization-" + strconv.FormatUint(scatter(p.Seed, uint64(i), 34), 10),
		npi:   npi(p.Seed, 2*i+1),
		taxID: d.digits(2) + "-" + d.digits(7),
		place: choose(d, p.places),
		phone: "555" + d.digits(7),
	}
	org.ccn = org.place.more[0] + d.digits(4)
	org.zip = org.place.more[1] + d.digits(2)
	if i < len(payers) {
		org.name = payers[i]
		return org
	}
	org.name = fmt.Sprintf(choose(d, facilities), choose(d, []string{org.place.display, choose(d, p.family)}))
	return org
}
