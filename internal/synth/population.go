package synth

import "strconv"

// population knows every fact about the people, providers and claims of a seed.
// It holds no facts: it rolls them when asked.
type population struct {
	*tables
	Options
	today day // of Start
}

func newPopulation(o Options) *population {
	return &population{tables: loadTables(), Options: o, today: dayOf(o.Start)}
}

// person is a member or beneficiary.
type person struct {
	index          int
	id             string
	medicare       bool // else a commercial payer's member
	payer          int  // index of the payer's organization
	female         bool
	family         string
	given          []string
	born, died     day // died: 0 means alive
	race           code
	place          code // state, city, start of the postal code
	street, zip    string
	phone          string
	member         string // Medicare beneficiary identifier or member number
	subscriber     string // who holds the policy: a patient's id
	group          string // employer group
	enrolled       day
	physician      int // index of the general practitioner
	dual, disabled bool
}

var races = []code{
	{code: "1", display: "White", more: []string{"2106-3", "White"}},
	{code: "2", display: "Black", more: []string{"2054-5", "Black or African American"}},
	{code: "5", display: "Hispanic", more: []string{"2131-1", "Other Race"}},
	{code: "4", display: "Asian", more: []string{"2028-9", "Asian"}},
	{code: "6", display: "North American Native", more: []string{"1002-5", "American Indian or Alaska Native"}},
	{code: "3", display: "Other", more: []string{"2131-1", "Other Race"}},
}

func (p *population) person(i int) *person {
	d := roll(p.Seed, aboutPerson, uint64(i))
	who := &person{index: i, id: p.patientID(i), medicare: p.medicare(i), female: d.chance(540)}
	who.family = choose(d, p.family)
	if d.chance(40) {
		who.family += "-" + choose(d, p.family)
	}
	names := p.male
	if who.female {
		names = p.female
	}
	who.given = []string{choose(d, names)}
	if d.chance(600) {
		who.given = append(who.given, string(rune('A'+d.below(26))))
	}
	p.live(d, who)
	p.enrol(d, who)
	return who
}

func (p *population) patientID(i int) string {
	return key{index: uint64(i)}.number(p.Seed)
}

// medicare says whether a person has Medicare: three in five.
func (p *population) medicare(i int) bool {
	return roll(p.Seed, aboutPerson, uint64(i), 1).chance(600)
}

// live rolls dates of life and where the person is at home.
func (p *population) live(d *dice, who *person) {
	who.born = p.today - day(d.between(200, 64*365))
	if who.medicare {
		who.born = p.today - day(d.between(64*365, 96*365))
		who.disabled = d.chance(140)
	}
	if who.disabled {
		who.born += 25 * 365
	}
	if d.chance(30) {
		who.died = p.today - day(d.between(1, 300))
	}
	who.race = choose(d, races)
	who.place = choose(d, p.places)
	who.street = strconv.Itoa(d.between(1, 9999)) + " " + choose(d, p.family) + " " + choose(d, []string{"St", "Ave", "Rd", "Dr", "Ln", "Blvd"})
	who.zip = who.place.more[1] + d.digits(2)
	who.phone = "555" + d.digits(7)
	who.physician = d.skewed(p.practitioners())
}

// enrol rolls the policy. A quarter of the commercial members are covered by the
// policy of the person before them, where that person has one.
func (p *population) enrol(d *dice, who *person) {
	who.subscriber = who.id
	who.enrolled = p.today - day(d.between(3*365, 9*365))
	if who.medicare {
		who.member = mbi(d)
		who.dual = d.chance(180)
		return
	}
	who.payer = d.between(1, len(payers)-1)
	who.member = "W" + d.digits(9)
	who.group = d.digits(6)
	if i := who.index; i > 0 && d.chance(250) && !p.medicare(i-1) {
		who.subscriber = p.patientID(i - 1)
	}
}

// mbi is shaped like a Medicare beneficiary identifier: 1EG4TE5MK73.
func mbi(d *dice) string {
	const letters = "ACDEFGHJKMNPQRTUVWXY"
	b := []byte("1AA0AA0AA00")
	for i, c := range b {
		switch c {
		case 'A':
			b[i] = letters[d.below(len(letters))]
		case '0':
			b[i] = byte('0' + d.below(10))
		}
	}
	return string(b)
}
