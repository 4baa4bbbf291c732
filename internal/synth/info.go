package synth

// infos numbers the elements of supportingInfo.
type infos struct {
	*line
	sequence int
}

// add appends one element: its category and its code, timing or value.
func (s *infos) add(category []coding, value func()) {
	s.sequence++
	s.element(func() {
		s.int("sequence", s.sequence)
		s.concept("category", category...)
		value()
	})
}

// carin is a category of CARIN, which may also be a variable of CMS.
func carin(code, display string, also ...variable) []coding {
	category := []coding{{infoType, code, display}}
	for _, v := range also {
		category = append(category, coding{cmsInformation, variables + v.name, v.display})
	}
	return category
}

// supportingInfo says by category what else the payer knows.
func (w *line) supportingInfo(c *claim) {
	w.array("supportingInfo", func() {
		s := &infos{line: w}
		received := carin("clmrecvddate", "Claim Received Date")
		if c.patient.medicare {
			received = carin("clmrecvddate", "Claim Received Date", variable{"nch_wkly_proc_dt", "NCH Weekly Claim Processing Date"})
		} else {
			s.code(carin("billingnetworkcontractingstatus", "Billing Network Contracting Status"), coding{payerStatus, "contracted", "Contracted"})
		}
		s.add(received, func() { w.date("timingDate", c.received) })
		switch c.kind {
		case inpatient:
			s.stay(c)
		case outpatient:
			s.bill(c, "131")
		case pharmacy:
			s.dispensing(c)
		case professional:
			if c.patient.medicare && labs(c) {
				s.variable("line_hct_hgb_rslt_num", "Hematocrit / Hemoglobin Test Results", func() {
					w.object("valueReference", func() { w.str("reference", "#line-observation-1") })
				})
			}
		case oral:
		}
		if c.kind != pharmacy && !c.patient.medicare {
			s.add(carin("patientaccountnumber", "Patient Account Number"), func() { w.str("valueString", c.account) })
		}
	})
}

// labs says whether the first line is a laboratory test.
func labs(c *claim) bool { return len(c.items) > 0 && c.items[0].service.class == "lab" }

func (s *infos) code(category []coding, value coding) {
	s.add(category, func() { s.concept("code", value) })
}

// variable is information that only CMS has a category for.
func (s *infos) variable(name, display string, value func()) {
	s.add([]coding{{information, "info", "Information"}, {cmsInformation, variables + name, display}}, value)
}

// flag is a variable whose value is a code of its own.
func (s *infos) flag(name, display, code, meaning string) {
	s.variable(name, display, func() { s.concept("code", coding{variables + name, code, meaning}) })
}

// bill is what every institutional claim has. Medicare splits the type of bill.
func (s *infos) bill(c *claim, typeOfBill string) {
	if !c.patient.medicare {
		s.code(carin("typeofbill", "Type of Bill"), coding{"https://www.nubc.org/CodeSystem/TypeOfBill", typeOfBill, ""})
		return
	}
	s.code(carin("typeofbill", "Type of Bill"), coding{variables + "clm_freq_cd", "1", "Admit thru discharge claim"})
	s.flag("clm_mco_pd_sw", "Claim MCO Paid Switch", "0", "No managed care organization (MCO) payment")
	if c.total[priorPayerPaid] != 0 {
		s.flag("nch_prmry_pyr_cd", "NCH Primary Payer Code (if not Medicare)", "A", "Employer group health plan (EGHP) insurance for an aged beneficiary")
	}
}

func (s *infos) stay(c *claim) {
	s.add(carin("admissionperiod", "Admission Period"), func() { s.period("timingPeriod", c.from, c.to) })
	s.bill(c, "111")
	s.code(carin("admtype", "Information", variable{"clm_ip_admsn_type_cd", "Claim Inpatient Admission Type Code"}),
		coding{"https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit", c.admission.code, c.admission.display})
	if !c.patient.medicare {
		s.code(carin("pointoforigin", "Point of Origin"), coding{"https://www.nubc.org/CodeSystem/PointOfOrigin", c.origin, ""})
		s.code(carin("discharge-status", "Discharge Status"), coding{"https://www.nubc.org/CodeSystem/PatDischargeStatus", c.discharge.code, c.discharge.display})
		s.code(carin("drg", "DRG"), coding{drgSystem, c.drg.code, c.drg.display})
		s.add(carin("medicalrecordnumber", "Medical Record Number"), func() { s.str("valueString", "MRN"+c.account) })
		return
	}
	s.code(carin("discharge-status", "Discharge Status"), coding{variables + "ptnt_dschrg_stus_cd", c.discharge.code, c.discharge.display})
	s.flag("clm_src_ip_admsn_cd", "Claim Source Inpatient Admission Code", c.origin, "")
	s.flag("clm_drg_cd", "Claim Diagnosis Related Group Code (or MS-DRG Code)", c.drg.code, "")
	s.flag("nch_ptnt_stus_ind_cd", "NCH Patient Status Indicator Code", "A", "Discharged")
}
