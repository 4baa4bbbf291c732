package synth

// change is what a day can do to an older claim.
type change int

const (
	unchanged  change = iota
	updated           // paid differently, under the same id
	cancelled         // status cancelled
	adjusted          // replaced by a claim under another id
	reversed          // taken back by a claim of negative amounts
	duplicated        // sent again under another id
	deleted           // gone from the server
)

// rates say how many of a million claims each change meets on a day.
var rates = [...]int{updated: 6000, cancelled: 900, adjusted: 1200, reversed: 700, duplicated: 500, deleted: 900}

// claimsPerPatient is about how many claims a patient has on day 1.
const claimsPerPatient = 45

// rate is the chance of a change in millionths. A small population changes more
// often, so that every day has about four of each.
func (p *population) rate(c change) int {
	return max(rates[c], 4_000_000/(p.Patients*claimsPerPatient))
}

// changeOn says what day n does to a claim, if nothing ended it before.
func (p *population) changeOn(k key, n int) change {
	at := roll(p.Seed, aboutChange, k.serial(), uint64(n), 0).below(1_000_000)
	for c := updated; c <= deleted; c++ {
		if at -= p.rate(c); at < 0 {
			return c
		}
	}
	return unchanged
}

// before says which version of a claim stands before day n, and whether it can
// still change: every change but an update is its last.
func (p *population) before(k key, n int) (version int, open bool) {
	version = k.day
	for m := k.day + 1; m < n; m++ {
		switch p.changeOn(k, m) {
		case unchanged:
		case updated:
			version = m
		default:
			return version, false
		}
	}
	return version, true
}

// claimsOf is how many claims a patient has on day 1; most have few.
func (p *population) claimsOf(patient int) int {
	return 1 + roll(p.Seed, aboutPerson, uint64(patient), 3).skewed(200)
}

// claimsOn is how many new claims day n brings: a day's part of three years.
func (p *population) claimsOn(n int) int {
	usual := max(p.Patients*claimsPerPatient/1095, 10)
	return roll(p.Seed, aboutDay, uint64(n)).between(usual*8/10, usual*12/10)
}

// older calls visit with every claim that appeared before day n.
func (p *population) older(n int, visit func(key) error) error {
	for patient := range p.Patients {
		for ordinal := range p.claimsOf(patient) {
			if err := visit(historic(patient, ordinal)); err != nil {
				return err
			}
		}
	}
	for m := 2; m < n; m++ {
		for i := range p.claimsOn(m) {
			if err := visit(key{day: m, index: uint64(i)}); err != nil {
				return err
			}
		}
	}
	return nil
}
