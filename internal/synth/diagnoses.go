package synth

import (
	"strconv"
	"strings"
)

var diagnosisRoles = map[string]coding{
	"principal":             {exDiagnosisType, "principal", "Principal Diagnosis"},
	"admitting":             {exDiagnosisType, "admitting", "Admitting Diagnosis"},
	"secondary":             {diagnosisType, "secondary", "Secondary"},
	"other":                 {diagnosisType, "other", "Other"},
	"externalcauseofinjury": {diagnosisType, "externalcauseofinjury", "External Cause of Injury"},
}

var onArrival = map[string]string{
	"Y": "Diagnosis was present at the time of admission (POA)",
	"N": "Diagnosis was not present at the time of admission",
	"U": "Documentation is insufficient to determine if condition was present on admission",
	"W": "Provider is unable to clinically determine whether condition was present on admission",
}

// diagnosisList writes ICD-10-CM codes: Medicare without their dot, in two
// systems, and present on admission as an extension.
func (w *line) diagnosisList(c *claim) {
	if len(c.diagnoses) == 0 {
		return
	}
	w.array("diagnosis", func() {
		for i, d := range c.diagnoses {
			w.element(func() { w.diagnosis(c, d, i) })
		}
	})
}

func (w *line) diagnosis(c *claim, d diagnosis, i int) {
	if c.patient.medicare && d.onArrival != "" && d.role != "admitting" {
		variable := "clm_poa_ind_sw" + strconv.Itoa(i)
		if d.role == "externalcauseofinjury" {
			variable = "clm_e_poa_ind_sw1"
		}
		w.array("extension", func() { w.cmsCoding(variable, d.onArrival, onArrival[d.onArrival]) })
	}
	w.int("sequence", i+1)
	if c.patient.medicare {
		plain := strings.ReplaceAll(d.code.code, ".", "")
		w.concept("diagnosisCodeableConcept", coding{icd10cm, plain, d.code.display}, coding{icd10, plain, d.code.display})
	} else {
		w.concept("diagnosisCodeableConcept", coding{icd10cm, d.code.code, d.code.display})
	}
	w.concepts("type", diagnosisRoles[d.role])
	if !c.patient.medicare && d.onArrival != "" {
		w.concept("onAdmission", coding{"https://www.nubc.org/CodeSystem/PresentOnAdmissionIndicator", d.onArrival, onArrival[d.onArrival]})
	}
}

// procedureList writes the ICD-10-PCS codes of a stay.
func (w *line) procedureList(c *claim) {
	if len(c.procedures) == 0 {
		return
	}
	w.array("procedure", func() {
		for i, p := range c.procedures {
			w.element(func() {
				w.int("sequence", i+1)
				w.concepts("type", coding{hl7 + "ex-procedure-type", map[bool]string{true: "primary", false: "secondary"}[i == 0], ""})
				w.instant("date", p.on.time())
				also := coding{}
				if c.patient.medicare {
					also = coding{icd10, p.code.code, p.code.display}
				}
				w.concept("procedureCodeableConcept", coding{icd10pcs, p.code.code, p.code.display}, also)
			})
		}
	})
}
