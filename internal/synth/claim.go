package synth

import (
	"strconv"
	"time"
)

// kind is the type of a claim.
type kind int

const (
	professional kind = iota
	pharmacy
	outpatient
	inpatient
	oral
)

func (k kind) institutional() bool { return k == inpatient || k == outpatient }

// claim is one bill and what the payer made of it: the facts of a Claim, its
// ExplanationOfBenefit and the visit they are about.
type claim struct {
	key        key
	kind       kind
	patient    *person
	id, eob    string // of the Claim and of the ExplanationOfBenefit
	submission string // the Claim that the EOB adjudicates: a duplicate has none of its own
	visit      string // the Encounter, if any
	number     string // unique claim id
	group      string // shared by a bill and its adjustments
	control    string // claim control number
	account    string // the provider's number for the patient's account
	from, to   day
	received   day
	processed  day // adjudicated
	paid       day
	updated    time.Time
	cancelled  bool
	final      bool // no later record replaces it
	related    []relation
	facility   *organization // who bills
	team       []member
	diagnoses  []diagnosis
	procedures []procedure
	drg        code
	discharge  code
	admission  code
	origin     string // point of origin of a stay
	prescribed code   // how the prescription came
	refill     int
	items      []item
	total      amounts
}

// relation points to another claim of the same bill.
type relation struct {
	relationship string // prior or replacedby
	claim        string
}

// patientOf says whose claim it is.
func (p *population) patientOf(k key) int {
	if k.day == 1 {
		return int(k.index / maxClaims)
	}
	return roll(p.Seed, aboutDay, uint64(k.day), k.index).below(p.Patients)
}

// claim rolls the facts of a claim. Its amounts and lines are those of version,
// the day of the last update (or of the claim itself); seen is the day on which
// the record last changed in any way.
func (p *population) claim(k key, version, seen int) *claim {
	d := roll(p.Seed, aboutClaim, uint64(k.day), k.index)
	c := &claim{key: k, patient: p.person(p.patientOf(k)), final: true}
	c.kind = kindOf(d, c.patient.medicare)
	p.name(d, c)
	p.date(d, c, seen)
	c.facility = p.organization(len(payers) + d.skewed(p.organizations()-len(payers)))
	p.staff(d, c)
	p.diagnose(d, c)
	switch c.kind {
	case inpatient:
		p.admit(d, c)
	case pharmacy:
		c.prescribed, c.refill = choose(d, prescriptions), d.skewed(12)
	case professional, outpatient, oral:
	}
	p.itemize(d, c, version)
	return c
}

// kindOf: Medicare has no dental benefit, and more hospital stays.
func kindOf(d *dice, medicare bool) kind {
	shares := []int{510, 280, 100, 25, 85}
	if medicare {
		shares = []int{520, 300, 135, 45, 0}
	}
	n := d.below(1000)
	for k, share := range shares {
		if n -= share; n < 0 {
			return kind(k)
		}
	}
	return professional
}

// name gives the claim its numbers.
func (p *population) name(d *dice, c *claim) {
	prefixes := [...]string{"carrier-", "pde-", "outpatient-", "inpatient-", "dental-"}
	first := key{day: c.key.day, index: c.key.index}
	c.number = c.key.number(p.Seed)
	c.eob = prefixes[c.kind] + c.number
	c.id = "claim-" + c.number
	c.submission = c.id
	if c.key.copy == duplicate {
		c.submission = "claim-" + first.number(p.Seed)
	}
	c.group = strconv.FormatUint(scatter(p.Seed+1, first.serial(), 60)/1e6, 10)
	c.control = d.digits(14)
	c.account = strconv.Itoa(d.between(1e6, 1e9))
	if c.kind != pharmacy && c.kind != oral && d.chance(700) {
		c.visit = "encounter-" + first.number(p.Seed)
	}
}

// date puts the service before the day on which the claim appears, and the
// processing between them.
func (p *population) date(d *dice, c *claim, seen int) {
	stay := 0
	if c.kind == inpatient {
		stay = 1 + d.skewed(30)
	}
	if c.key.day == 1 {
		c.from = busy(d, p.today-10, 3*365) - day(stay)
	} else {
		c.from = busy(d, p.today+day(c.key.day-2), 45) - day(stay)
	}
	c.from = max(c.from, c.patient.born)
	if c.patient.died > 0 {
		c.from = min(c.from, c.patient.died-day(stay))
	}
	c.to = c.from + day(stay)
	c.updated = p.moment(c.key, seen)
	if seen == 1 {
		c.updated = p.history(c.key, c.to)
	}
	c.processed = max(dayOf(c.updated), c.to)
	c.received = min(c.to+1+day(d.skewed(14)), c.processed)
	c.paid = c.processed + day(d.between(1, 14))
}

// history is when a claim of day 1 was adjudicated: days to weeks after the
// service, before Start.
func (p *population) history(k key, to day) time.Time {
	d := roll(p.Seed, aboutChange, k.serial())
	wait := time.Duration(3+d.skewed(50))*24*time.Hour + time.Duration(d.below(86400_000))*time.Millisecond
	back := time.Hour + time.Duration(d.below(6*86400_000))*time.Millisecond
	if at := to.time().Add(wait); at.Before(p.Start) {
		return at
	}
	return p.Start.Add(-back)
}

// moment is when a record changed on day n: between the exports of two days.
func (p *population) moment(k key, n int) time.Time {
	d := roll(p.Seed, aboutChange, k.serial(), uint64(n), 1)
	since := time.Duration(n-2)*24*time.Hour + time.Duration(1+d.below(86399_000))*time.Millisecond
	return p.Start.Add(since)
}
