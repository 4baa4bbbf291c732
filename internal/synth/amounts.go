package synth

// category is what an adjudicated amount means.
type category int

const (
	submitted category = iota
	eligible           // what the payer allows
	discount
	noncovered
	deductible
	coinsurance
	copay
	memberLiability
	priorPayerPaid
	benefit // what the payer pays
	paidToProvider
	paidToPatient
	drugCost
	numCategories
)

// amounts has one amount for each category. Of every line, and so of every claim:
//
//	submitted = eligible + discount + noncovered
//	eligible = benefit + memberLiability + priorPayerPaid
//	memberLiability = deductible + coinsurance + copay
//	benefit = paidToProvider + paidToPatient
type amounts [numCategories]cents

// adjudication is how a payer decides on the lines of a claim.
type adjudication struct {
	allowed    int   // of the charge, in thousandths
	coinsured  int   // the member's share of what is allowed, in thousandths
	copay      cents // flat, per line
	deductible cents // not met yet
	unassigned bool  // the member is paid, not the provider
	drug       bool
}

// pay decides on one line. A denied line is not covered at all.
func (a *adjudication) pay(d *dice, charge cents, denied bool) (m amounts) {
	m[submitted] = charge
	if denied {
		m[noncovered] = charge
		return m
	}
	m[eligible] = charge.perMille(min(a.allowed+d.between(-40, 40), 1000))
	m[discount] = charge - m[eligible]
	rest := m[eligible]
	m[deductible] = min(rest, a.deductible)
	a.deductible -= m[deductible]
	rest -= m[deductible]
	m[coinsurance] = rest.perMille(a.coinsured)
	rest -= m[coinsurance]
	m[copay] = min(rest, a.copay)
	rest -= m[copay]
	m[memberLiability] = m[deductible] + m[coinsurance] + m[copay]
	if d.chance(25) {
		m[priorPayerPaid] = rest.perMille(d.between(100, 900))
	}
	m[benefit] = rest - m[priorPayerPaid]
	if a.unassigned {
		m[paidToPatient] = m[benefit]
	} else {
		m[paidToProvider] = m[benefit]
	}
	if a.drug {
		m[drugCost] = m[eligible]
	}
	return m
}

// plus is the sum, by category.
func (m amounts) plus(other amounts) amounts {
	for c := range m {
		m[c] += other[c]
	}
	return m
}

// negated takes a claim back.
func (m amounts) negated() amounts {
	for c := range m {
		m[c] = -m[c]
	}
	return m
}
