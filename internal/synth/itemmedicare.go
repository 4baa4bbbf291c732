package synth

// typesOfService are Medicare's kinds of services, by our classes.
var typesOfService = map[string]code{
	"lab": {code: "5", display: "Diagnostic laboratory"}, "imaging": {code: "4", display: "Diagnostic radiology"},
	"surgery": {code: "2", display: "Surgery"}, "radiation": {code: "6", display: "Therapeutic radiology"},
	"anesthesia": {code: "7", display: "Anesthesia"}, "ambulance": {code: "D", display: "Ambulance"},
	"dme": {code: "R", display: "Rental of DME"}, "device": {code: "P", display: "Lump sum purchase of DME, prosthetics, orthotics"},
	"therapy": {code: "W", display: "Physical therapy"}, "vision": {code: "Q", display: "Vision items or services"},
	"dialysis": {code: "L", display: "ESRD supplies"}, "drug": {code: "1", display: "Medical care"},
}

func typeOfService(class string) coding {
	t, ok := typesOfService[class]
	if !ok {
		t = code{code: "1", display: "Medical care"}
	}
	return coding{variables + "line_cms_type_srvc_cd", t.code, t.display}
}

// betos are Berenson-Eggers types of service.
var betos = map[string]code{
	"office": {code: "M1B", display: "Office visits - established"}, "hospital": {code: "M2B", display: "Hospital visit - subsequent"},
	"emergency": {code: "M3", display: "Emergency room visit"}, "lab": {code: "T1H", display: "Lab tests - other (non-Medicare fee schedule)"},
	"imaging": {code: "I1A", display: "Standard imaging - chest"}, "surgery": {code: "P6C", display: "Minor procedures - other (Medicare fee schedule)"},
	"drug": {code: "O1E", display: "Other drugs"}, "dme": {code: "D1E", display: "Other DME"}, "ambulance": {code: "O1A", display: "Ambulance"},
	"therapy": {code: "M5D", display: "Specialist - other"}, "test": {code: "T2A", display: "Other tests - electrocardiograms"},
}

func (w *line) itemExtensions(c *claim, it *item) {
	switch c.kind {
	case professional:
		w.array("extension", func() { w.carrierLine(it) })
	case outpatient, inpatient:
		w.only("extension", func() {
			w.str("url", variables+"rev_cntr_unit_cnt")
			w.object("valueQuantity", func() { w.int("value", it.quantity) })
		})
	case pharmacy, oral:
	}
}

func (w *line) carrierLine(it *item) {
	w.cmsQuantity("carr_line_mtus_cnt", it.quantity)
	w.cmsCoding("carr_line_mtus_cd", "3", "Services")
	if b := betos[it.service.class]; b.code != "" {
		w.cmsCoding("betos_cd", b.code, b.display)
	}
	if it.amounts[priorPayerPaid] != 0 {
		w.cmsCoding("line_bene_prmry_pyr_cd", "E", "Workers' compensation")
	}
	if it.denial == "" {
		w.cmsCoding("line_prcsg_ind_cd", "A", "Allowed")
	} else {
		w.cmsCoding("line_prcsg_ind_cd", "N", "Medically unnecessary")
	}
	w.cmsCoding("line_service_deductible", "0", "Service Subject to Deductible")
}

// adjudicated appends what the payer decided on a line.
func (w *line) adjudicated(c *claim, it *item) {
	w.array("adjudication", func() {
		w.network(c)
		w.denied(c, it)
		w.amountsOf(c, it.amounts)
	})
}

// network says whether the benefit was paid as in the network. Medicare has none.
func (w *line) network(c *claim) {
	if c.patient.medicare {
		return
	}
	status := coding{payerStatus, "innetwork", "In Network"}
	if c.facility.npi[9]%5 == 0 {
		status = coding{payerStatus, "outofnetwork", "Out Of Network"}
	}
	w.decision("benefitpaymentstatus", "Benefit Payment Status", status)
}

func (w *line) denied(c *claim, it *item) {
	reason := coding{"https://x12.org/codes/claim-adjustment-reason-codes", it.denial, ""}
	switch {
	case c.patient.medicare && c.kind == professional:
		reason = coding{variables + "carr_line_rdcd_pmt_phys_astn_c", "0", "N/A"}
	case it.denial == "":
		return
	case c.patient.medicare:
		reason.system = variables + "rev_cntr_1st_ansi_cd"
	}
	w.decision("denialreason", "Denial Reason", reason)
}
