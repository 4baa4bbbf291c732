package synth

// prescriptions are the ways in which one comes to the pharmacy.
var prescriptions = []code{{code: "3", display: "Electronic"}, {code: "1", display: "Written"}, {code: "2", display: "Telephone"}, {code: "4", display: "Facsimile"}}

// dispensing is what a pharmacy claim has: days' supply, refills, and how the
// drug was chosen.
func (s *infos) dispensing(c *claim) {
	days := 30
	if c.items[0].quantity > number(c.items[0].service.more[0]) {
		days = 90
	}
	s.add(carin("dayssupply", "Days Supply"), func() { s.object("valueQuantity", func() { s.int("value", days) }) })
	s.add(carin("refillnum", "Refill Number"), func() { s.object("valueQuantity", func() { s.int("value", c.refill) }) })
	brand := coding{"http://terminology.hl7.org/CodeSystem/NCPDPBrandGenericIndicator", "1", "Single source brand"}
	if c.items[0].service.class == "G" {
		brand.code, brand.display = "4", "Generic"
	}
	if !c.patient.medicare {
		s.code(carin("dawcode", "DAW (Dispense As Written) Code"), coding{hl7 + "NCPDPDispensedAsWrittenOrProductSelectionCode", "0", "No Product Selection Indicated"})
		s.code(carin("rxorigincode", "Rx Origin Code"), coding{hl7 + "NCPDPPrescriptionOriginCode", c.prescribed.code, c.prescribed.display})
		s.code(carin("brandgenericindicator", "Brand Generic Indicator"), brand)
		s.code(carin("compoundcode", "Compound Code"), coding{hl7 + "NCPDPCompoundCode", "1", "Not a Compound"})
		return
	}
	s.partD(c)
}

func (s *infos) partD(c *claim) {
	s.code(carin("compoundcode", "Compound Code"), coding{actCode, "RXDINV", "Rx dispense invoice"})
	s.flag("drug_cvrg_stus_cd", "Drug Coverage Status Code", "C", "Covered")
	s.flag("daw_prod_slctn_cd", "Dispense as Written (DAW) Product Selection Code", "0", "No Product Selection Indicated (may also have missing values)")
	s.flag("dspnsng_stus_cd", "Dispensing Status Code", "C", "Completion of partial fill")
	if c.total[drugCost] > 500_00 {
		s.flag("ctstrphc_cvrg_cd", "Catastrophic Coverage Code", "C", "Above attachment point")
	}
	s.code(carin("rxorigincode", "Rx Origin Code"), coding{variables + "rx_orgn_cd", c.prescribed.code, c.prescribed.display})
	name, display := "B", "Brand"
	if c.items[0].service.class == "G" {
		name, display = "G", "Generic Null/missing"
	}
	s.code(carin("brandgenericindicator", "Brand Generic Indicator"), coding{variables + "brnd_gnrc_cd", name, display})
	s.flag("ptnt_rsdnc_cd", "Patient Residence Code", "01", "Home")
	s.flag("submsn_clr_cd", "Submission clarification code", "00", "Not specified")
}
