package synth

// labels are the codes of the categories: HL7's where they exist, else CARIN's.
var labels = [numCategories]coding{
	submitted:       {hl7Amount, "submitted", "Submitted Amount"},
	eligible:        {hl7Amount, "eligible", "Eligible Amount"},
	discount:        {carinAmount, "discount", "Discount"},
	noncovered:      {carinAmount, "noncovered", "Noncovered"},
	deductible:      {hl7Amount, "deductible", "Deductible"},
	coinsurance:     {carinAmount, "coinsurance", "Co-insurance"},
	copay:           {hl7Amount, "copay", "CoPay"},
	memberLiability: {carinAmount, "memberliability", "Member liability"},
	priorPayerPaid:  {carinAmount, "priorpayerpaid", "Prior payer paid"},
	benefit:         {hl7Amount, "benefit", "Benefit Amount"},
	paidToProvider:  {carinAmount, "paidtoprovider", "Paid to provider"},
	paidToPatient:   {carinAmount, "paidtopatient", "Paid to patient"},
	drugCost:        {carinAmount, "drugcost", "Drug Cost"},
}

// variable is one of the CMS data warehouse.
type variable struct{ name, display string }

// lineVariables are what Medicare says about a line, by kind of claim. A category
// without a variable is not sent.
var lineVariables = [...][numCategories]variable{
	professional: {
		submitted:      {"line_sbmtd_chrg_amt", "Line Submitted Charge Amount"},
		eligible:       {"line_alowd_chrg_amt", "Line Allowed Charge Amount"},
		deductible:     {"line_bene_ptb_ddctbl_amt", "Line Beneficiary Part B Deductible Amount"},
		coinsurance:    {"line_coinsrnc_amt", "Line Beneficiary Coinsurance Amount"},
		priorPayerPaid: {"line_bene_prmry_pyr_pd_amt", "Line Primary Payer (if not Medicare) Paid Amount"},
		benefit:        {"line_nch_pmt_amt", "Line NCH Medicare Payment Amount"},
		paidToProvider: {"line_prvdr_pmt_amt", "Line Provider Payment Amount"},
		paidToPatient:  {"line_bene_pmt_amt", "Line Payment Amount to Beneficiary"},
	},
	pharmacy: {
		drugCost:        {"tot_rx_cst_amt", "Total drug cost (Part D)"},
		deductible:      {"gdc_blw_oopt_amt", "Gross Drug Cost Below Part D Out-of-Pocket Threshold (GDCB)"},
		discount:        {"rptd_gap_dscnt_num", "Gap Discount Amount"},
		memberLiability: {"ptnt_pay_amt", "Amount Paid by Patient"},
		priorPayerPaid:  {"plro_amt", "Reduction in patient liability due to payments by other payers (PLRO)"},
		benefit:         {"cvrd_d_plan_pd_amt", "Amount paid by Part D plan for the PDE (drug is covered by Part D)"},
	},
	outpatient: {
		submitted:       {"rev_cntr_tot_chrg_amt", "Revenue Center Total Charge Amount"},
		noncovered:      {"rev_cntr_ncvrd_chrg_amt", "Revenue Center Non-Covered Charge Amount"},
		deductible:      {"rev_cntr_cash_ddctbl_amt", "Revenue Center Cash Deductible Amount"},
		coinsurance:     {"rev_cntr_coinsrnc_wge_adjstd_c", "Revenue Center Coinsurance/Wage Adjusted Coinsurance Amount"},
		memberLiability: {"rev_cntr_ptnt_rspnsblty_pmt", "Revenue Center Patient Responsibility Payment Amount"},
		priorPayerPaid:  {"rev_cntr_1st_msp_pd_amt", "Revenue Center 1st Medicare Secondary Payer (MSP) Paid Amount"},
		benefit:         {"rev_cntr_pmt_amt_amt", "Revenue Center (Medicare) Payment Amount"},
		paidToProvider:  {"rev_cntr_prvdr_pmt_amt", "Revenue Center (Medicare) Provider Payment Amount"},
		paidToPatient:   {"rev_cntr_bene_pmt_amt", "Revenue Center Payment Amount to Beneficiary"},
	},
	inpatient: {
		submitted:  {"rev_cntr_tot_chrg_amt", "Revenue Center Total Charge Amount"},
		noncovered: {"rev_cntr_ncvrd_chrg_amt", "Revenue Center Non-Covered Charge Amount"},
	},
	oral: {},
}

// claimVariables are what Medicare says about the whole claim.
var claimVariables = [numCategories]variable{
	submitted: {"clm_tot_chrg_amt", "Claim Total Charge Amount"},
	drugCost:  {"tot_rx_cst_amt", "Total drug cost (Part D)"},
}

// amountsOf appends the amounts of a line.
func (w *line) amountsOf(c *claim, m amounts) {
	names := &lineVariables[c.kind]
	for at := range numCategories {
		if c.sends(at, m[at]) {
			w.element(func() { w.amountOf(c, at, m[at], names[at]) })
		}
	}
}

// sends says whether the payer sends a category of a line: Medicare if it has a
// variable for it, others if it matters.
func (c *claim) sends(at category, value cents) bool {
	switch {
	case c.patient.medicare:
		return lineVariables[c.kind][at].name != ""
	case at == drugCost:
		return c.kind == pharmacy
	case at == priorPayerPaid, at == paidToPatient:
		return value != 0
	}
	return true
}

func (w *line) amountOf(c *claim, at category, value cents, name variable) {
	also := coding{}
	if c.patient.medicare && name.name != "" {
		also = coding{cmsAmount, variables + name.name, name.display}
	}
	w.concept("category", labels[at], also)
	w.money("amount", value)
}

// totals appends the sums, every category that says something.
func (w *line) totals(c *claim) {
	for at := range numCategories {
		if at == drugCost && c.kind != pharmacy {
			continue
		}
		name := variable{}
		if c.patient.medicare {
			name = claimVariables[at]
		}
		w.element(func() { w.amountOf(c, at, c.total[at], name) })
	}
}

// decision is an adjudication without an amount: its reason says how it was decided.
func (w *line) decision(code, display string, reason coding) {
	w.element(func() {
		w.concept("category", coding{discriminator, code, display})
		w.concept("reason", reason)
	})
}
