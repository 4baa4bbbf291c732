package synth

// contained are the resources that Medicare sends inside: the provider of an
// institutional claim, the test result of a laboratory claim.
func (w *line) contained(c *claim) {
	switch {
	case c.kind.institutional():
		w.only("contained", func() { w.providerOrg(c) })
	case c.kind == professional && labs(c):
		w.only("contained", func() {
			w.str("resourceType", "Observation")
			w.str("id", "line-observation-1")
			w.str("status", "unknown")
			w.concept("code", coding{variables + "line_hct_hgb_type_cd", "R1", "Hemoglobin Test"})
			w.object("valueQuantity", func() { w.int("value", 30+int(c.total[submitted]%19)) })
		})
	}
}

func (w *line) providerOrg(c *claim) {
	w.str("resourceType", "Organization")
	w.str("id", "provider-org")
	w.object("meta", func() { w.texts("profile", c4bb+"Organization") })
	w.array("identifier", func() {
		w.identifier(coding{v20203, "PRN", "Provider number"}, variables+"prvdr_num", c.facility.ccn)
		w.element(func() { w.npi(c.facility.npi) })
	})
	w.yes("active")
	w.str("name", c.facility.name)
}

// headerExtensions are Medicare's variables of the whole claim.
func (w *line) headerExtensions(c *claim) {
	if c.kind == pharmacy {
		return
	}
	w.array("extension", func() {
		switch c.kind {
		case professional:
			w.carrier(c)
		case inpatient:
			w.cmsCoding("nch_near_line_rec_ident_cd", "V", "Part A institutional claim record (inpatient [IP], skilled nursing facility [SNF], hospice [HOS], or home health agency [HHA])")
			w.cmsCoding("fi_clm_actn_cd", "1", "Original debit action (always a 1 for all regular bills)")
			w.cmsMoney("ime_op_clm_val_amt", c.total[eligible].perMille(31))
			w.cmsMoney("clm_uncompd_care_pmt_amt", c.total[eligible].perMille(12))
			w.cmsMoney("dsh_op_clm_val_amt", c.total[eligible].perMille(27))
			w.intermediary(c, "1")
		case outpatient:
			w.cmsCoding("nch_near_line_rec_ident_cd", "W", "Part B institutional claim record (outpatient [HOP], HHA)")
			w.intermediary(c, "3")
		case pharmacy, oral:
		}
	})
}

func (w *line) carrier(c *claim) {
	w.cmsCoding("nch_near_line_rec_ident_cd", "O", "Part B physician/supplier claim record (processed by local carriers; can include DMEPOS services)")
	w.cmsIdentifier("carr_num", "0"+c.facility.place.more[0]+"02")
	w.cmsIdentifier("carr_clm_cntl_num", c.control)
	if c.total[benefit] == 0 {
		w.cmsCoding("carr_clm_pmt_dnl_cd", "0", "Denied")
	} else {
		w.cmsCoding("carr_clm_pmt_dnl_cd", "1", "Physician/supplier")
	}
	if c.total[paidToPatient] == 0 {
		w.cmsCoding("asgmntcd", "A", "Assigned claim")
	} else {
		w.cmsCoding("asgmntcd", "N", "Non-assigned claim")
	}
	w.cmsIdentifier("clm_clncl_tril_num", "0")
	w.cmsCoding("carr_clm_entry_cd", "1", "Original debit; void of original debit (If CLM_DISP_CD = 3, code 1 means voided original debit)")
}

func (w *line) intermediary(c *claim, classification string) {
	w.cmsIdentifier("fi_doc_clm_cntl_num", c.control)
	w.cmsDate("fi_clm_proc_dt", c.processed)
	if c.total[benefit] == 0 {
		w.cmsCoding("clm_mdcr_non_pmt_rsn_cd", "N", "All other reasons for nonpayment")
	}
	w.cmsCoding("clm_srvc_clsfctn_type_cd", classification, "")
	w.cmsCoding("fi_num", "0"+c.facility.place.more[0]+"01", "")
}

// balances are what a claim used up of its benefit, by kind.
var balances = [...][]struct {
	variable
	of category
}{
	professional: {
		{variable{"carr_clm_cash_ddctbl_apld_amt", "Carrier Claim Cash Deductible Applied Amount (sum of all line-level deductible amounts)"}, deductible},
		{variable{"nch_clm_prvdr_pmt_amt", "NCH Claim Provider Payment Amount"}, paidToProvider},
		{variable{"nch_clm_bene_pmt_amt", "NCH Claim Payment Amount to Beneficiary"}, paidToPatient},
		{variable{"nch_carr_clm_sbmtd_chrg_amt", "NCH Carrier Claim Submitted Charge Amount (sum of all line-level submitted charges)"}, submitted},
		{variable{"nch_carr_clm_alowd_amt", "NCH Carrier Claim Allowed Charge Amount (sum of all line-level allowed charges)"}, eligible},
	},
	outpatient: {
		{variable{"nch_bene_ptb_ddctbl_amt", "NCH Beneficiary Part B Deductible Amount"}, deductible},
		{variable{"nch_bene_ptb_coinsrnc_amt", "NCH Beneficiary Part B Coinsurance Amount"}, coinsurance},
		{variable{"clm_op_prvdr_pmt_amt", "Claim Outpatient Provider Payment Amount"}, paidToProvider},
		{variable{"clm_op_bene_pmt_amt", "Claim Outpatient Payment Amount to Beneficiary"}, paidToPatient},
		{variable{"prpayamt", "NCH Primary Payer (if not Medicare) Claim Paid Amount"}, priorPayerPaid},
	},
	inpatient: {
		{variable{"nch_bene_ip_ddctbl_amt", "NCH Beneficiary Inpatient (or other Part A) Deductible Amount"}, deductible},
		{variable{"nch_bene_pta_coinsrnc_lblty_amt", "NCH Beneficiary Part A Coinsurance Liability Amount"}, coinsurance},
		{variable{"nch_ip_ncvrd_chrg_amt", "NCH Inpatient(or other Part A) Non-covered Charge Amount"}, noncovered},
		{variable{"nch_ip_tot_ddctn_amt", "NCH Inpatient (or other Part A) Total Deductible/Coinsurance Amount"}, memberLiability},
		{variable{"prpayamt", "NCH Primary Payer (if not Medicare) Claim Paid Amount"}, priorPayerPaid},
	},
	pharmacy: nil,
	oral:     nil,
}

func (w *line) balance(c *claim) {
	w.only("benefitBalance", func() {
		w.concept("category", coding{hl7 + "ex-benefitcategory", "1", "Medical Care"})
		w.array("financial", func() {
			for _, b := range balances[c.kind] {
				w.element(func() {
					w.concept("type", coding{cmsBalance, variables + b.name, b.display})
					w.money("usedMoney", c.total[b.of])
				})
			}
			if c.kind == inpatient {
				w.element(func() {
					w.concept("type", coding{cmsBalance, variables + "clm_utlztn_day_cnt", "Claim Medicare Utilization Day Count"})
					w.int("usedUnsignedInt", int(c.to-c.from))
				})
			}
		})
	})
}
