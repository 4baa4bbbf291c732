package claimtest

// Line spells a statement as NDJSON.
func (s *Statement) Line() string {
	r := object{
		"resourceType": "ExplanationOfBenefit", "id": s.ID, "status": "active", "use": "claim", "outcome": "complete", "type": coded(claimType, "institutional"),
		"patient": object{"reference": "Patient/" + s.ID}, "created": hour(0), "billablePeriod": object{"start": "2024-01-05", "end": "2024-01-05"},
	}
	spellSums(r, "adjudication", s.adjudications)
	spellSums(r, "total", s.totals)
	if s.payment != nil {
		r["payment"] = object{"amount": money(*s.payment)}
	}
	var balances []object
	for kind, list := range s.balances {
		for _, n := range list {
			balances = append(balances, object{"type": coded("https://bluebutton.cms.gov/resources/codesystem/benefit-balance", cms+balanceOf[kind]), "usedMoney": money(n)})
		}
	}
	if balances != nil {
		r["benefitBalance"] = []object{{"category": coded("http://terminology.hl7.org/CodeSystem/ex-benefitcategory", "1"), "financial": balances}}
	}
	for i, l := range s.lines {
		item := l.spell("detail")
		item["sequence"] = i + 1
		add(r, "item", item)
	}
	for _, l := range s.added {
		add(r, "addItem", l.spell("detail"))
	}
	return line(r)
}

var balanceOf = map[string]string{
	"deductible": "nch_bene_ip_ddctbl_amt", "coinsurance": "nch_bene_ptb_coinsrnc_amt", "noncovered": "nch_ip_ncvrd_chrg_amt", "prior_payer": "prpayamt", "allowed": "nch_carr_clm_alowd_amt",
}

func money(n int64) object { return object{"value": cents(n), "currency": "USD"} }

func spellSums(r object, list string, s sums) {
	for category, amounts := range s {
		for _, n := range amounts {
			add(r, list, amountOf(category, n))
		}
	}
}

func (l *Line) spell(below string) object {
	r := object{"productOrService": coded("http://www.ama-assn.org/go/cpt", "99213")}
	if l.isTotal {
		r["revenue"] = coded("https://www.nubc.org/CodeSystem/RevenueCodes", "0001")
	}
	if l.net != nil {
		r["net"] = money(*l.net)
	}
	spellSums(r, "adjudication", l.said)
	for i, d := range l.below {
		detail := d.spell("subDetail")
		detail["sequence"] = i + 1
		add(r, below, detail)
	}
	return r
}
