package synth

// usualSites says where services of a class take place, the usual place first.
var usualSites = map[string][]string{
	"office": {"11"}, "hospital": {"21", "22"}, "emergency": {"23"}, "facility": {"31", "32"}, "home": {"12"},
	"lab": {"81", "11", "22"}, "imaging": {"22", "11"}, "surgery": {"24", "22", "11", "21"}, "test": {"11", "22"},
	"therapy": {"11", "22"}, "psych": {"11", "10", "53"}, "telehealth": {"10", "02"}, "drug": {"11", "22"},
	"vision": {"11"}, "device": {"24", "22"}, "dme": {"12"}, "ambulance": {"41"}, "dialysis": {"65"},
	"radiation": {"22"}, "anesthesia": {"24", "22"}, "clinic": {"22", "20"},
}

// several are the classes whose services are billed in more than one unit.
var several = map[string]int{"drug": 120, "therapy": 4, "ambulance": 40, "dme": 3, "anesthesia": 12, "hospital": 3, "device": 2}

var modifiers = []string{"25", "59", "26", "GP", "LT", "RT", "TC", "JW", "KX", "95", "76", "AT", "XS", "50", "GA", "QW", "33", "NU", "RR", "QZ"}

// item rolls a line. Lines of one bill resemble the first.
func (p *population) item(d *dice, c *claim, first code) item {
	it := item{on: c.from + day(d.below(int(c.to-c.from)+1)), quantity: 1}
	switch c.kind {
	case pharmacy:
		return p.fill(d, it)
	case oral:
		it.service = choose(d, p.dental)
		it.unit = d.spread(it.service.usual)
		it.tooth = choose(d, []string{"14", "19", "30", "3", "18", "31", "8", "9", "2", "15"})
	case inpatient:
		it.revenue = choose(d, p.revenues)
		it.unit = d.spread(it.revenue.usual)
		it.quantity = 1 + d.skewed(8)
		if d.chance(300) {
			it.service = choose(d, p.services)
		}
	default:
		p.serve(d, &it, first)
		if c.kind == outpatient {
			it.revenue = p.revenueOf(d, it.service.class)
		}
	}
	for range d.skewed(5) {
		it.modifiers = append(it.modifiers, choose(d, modifiers))
	}
	for i := range min(len(c.diagnoses), 1+d.skewed(4)) {
		it.pointers = append(it.pointers, i+1)
	}
	return it
}

// serve rolls a service, half the time of the class of the bill's first line.
func (p *population) serve(d *dice, it *item, first code) {
	it.service = choose(d, p.services)
	if first.class != "" && d.chance(500) {
		it.service = choose(d, p.byClass[first.class])
	}
	it.unit = d.spread(it.service.usual)
	it.site = p.sites[choose(d, usualSites[it.service.class])]
	if n := several[it.service.class]; n > 0 {
		it.quantity = 1 + d.skewed(n)
	}
	if it.service.class == "drug" {
		it.drug = choose(d, p.drugs)
	}
}

// fill rolls a pharmacy's dispensing: a month, or three.
func (p *population) fill(d *dice, it item) item {
	it.service = choose(d, p.drugs)
	it.quantity = number(it.service.more[0]) * choose(d, []int{1, 3, 2})
	it.unit = max(it.service.usual.perMille(d.between(600, 1900)), 1)
	return it
}

// revenueOf takes a revenue centre that fits the service.
func (p *population) revenueOf(d *dice, class string) code {
	for range 6 {
		if r := choose(d, p.revenues); r.class == class {
			return r
		}
	}
	return choose(d, p.revenues)
}
