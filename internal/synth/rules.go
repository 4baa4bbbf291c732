package synth

// baseRate is what Medicare pays for a stay of weight 1.
const baseRate cents = 6812_00

// rulesFor rolls how the payer decides on a claim.
func rulesFor(d *dice, c *claim) *adjudication {
	a := &adjudication{allowed: d.between(250, 720), unassigned: d.chance(20)}
	if d.chance(180) {
		a.deductible = cents(d.between(5_00, 240_00))
	}
	switch {
	case c.kind == pharmacy:
		a.allowed, a.drug = d.between(600, 1000), true
		a.copay = min(choose(d, []cents{4_00, 10_00, 0, 1_35, 47_00}), c.items[0].charge()/4)
		a.deductible /= 10
	case c.kind == inpatient:
		a.allowed = prospective(c)
		a.deductible = choose(d, []cents{1632_00, 0, 500_00})
	case c.patient.medicare:
		a.coinsured = 200
	default:
		a.coinsured = choose(d, []int{0, 100, 200, 300})
		a.copay = choose(d, []cents{0, 25_00, 40_00})
	}
	return a
}

// prospective is the share of the charges that the stay's DRG pays: the price is
// of the stay, and every line carries the same part of it.
func prospective(c *claim) int {
	var charges cents
	for i := range c.items {
		charges += c.items[i].charge()
	}
	price := baseRate * c.drg.usual / 10_000
	return int(min(max(price*1000/charges, 60), 950))
}
