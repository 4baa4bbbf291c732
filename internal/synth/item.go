package synth

// item is one line of a claim.
type item struct {
	service   code // HCPCS, CPT or CDT; of a pharmacy claim the drug
	revenue   code // institutional
	drug      code // NDC of a service that is a drug
	site      code // place of service
	modifiers []string
	on        day
	quantity  int
	unit      cents // price of one
	pointers  []int // diagnoses that the line treats, from 1
	tooth     string
	denial    string // claim adjustment reason code, empty when paid
	amounts   amounts
}

// itemize rolls the lines. Their codes belong to the claim, their amounts to the
// version: an update pays differently and may bring or drop lines.
func (p *population) itemize(d *dice, c *claim, version int) {
	n := lineCount(d, c.kind)
	again := uint64(0)
	if c.key.copy == adjustment {
		again = 1
	}
	dm := roll(p.Seed, aboutMoney, uint64(c.key.day), c.key.index, uint64(version), again)
	if version > c.key.day && c.kind != pharmacy {
		n = max(n+choose(dm, []int{1, -1, 2, 0, -2}), 1)
	}
	p.addItems(c, dm, n)
	p.adjudicate(c, dm)
}

// addItems charges n lines.
func (p *population) addItems(c *claim, dm *dice, n int) {
	first := code{}
	for i := range n {
		d := roll(p.Seed, aboutLine, uint64(c.key.day), c.key.index, uint64(i))
		it := p.item(d, c, first)
		if i == 0 {
			first = it.service
		}
		it.unit = max(it.unit.perMille(dm.between(900, 1100)), 1)
		if dm.chance(45) {
			it.denial = choose(dm, denials)
		}
		c.items = append(c.items, it)
	}
}

// denials are claim adjustment group and reason codes.
var denials = []string{"CO45", "CO97", "CO16", "PR204", "CO29", "CO50", "OA18", "CO151", "PR96"}

// adjudicate pays the lines and sums them up. A reversal takes everything back.
func (p *population) adjudicate(c *claim, dm *dice) {
	rules := rulesFor(dm, c)
	for i := range c.items {
		it := &c.items[i]
		it.amounts = rules.pay(dm, it.charge(), it.denial != "")
		if c.key.copy == reversal {
			it.amounts = it.amounts.negated()
		}
		c.total = c.total.plus(it.amounts)
	}
}

func (it *item) charge() cents { return it.unit * cents(it.quantity) }

// lineCount has a long tail up to 50.
func lineCount(d *dice, k kind) int {
	switch k {
	case pharmacy:
		return 1
	case inpatient:
		return 3 + d.skewed(24)
	case outpatient:
		if d.chance(40) {
			return 1 + d.skewed(50)
		}
		return 1 + d.skewed(8)
	default:
		if d.chance(15) {
			return 1 + d.skewed(50)
		}
		if d.chance(480) {
			return 1
		}
		return 1 + d.skewed(5)
	}
}
