package synth

// Medicare's own elements: an extension's URL is also the system of its value,
// and both are the name of a variable of the CMS data warehouse.

func (w *line) cmsCoding(variable, code, display string) {
	w.cmsValue(variable, "valueCoding", func() {
		w.codingMembers(coding{variables + variable, code, display})
	})
}

func (w *line) cmsIdentifier(variable, value string) {
	w.cmsValue(variable, "valueIdentifier", func() {
		w.str("system", variables+variable)
		w.str("value", value)
	})
}

func (w *line) cmsQuantity(variable string, value int) {
	w.cmsValue(variable, "valueQuantity", func() { w.int("value", value) })
}

func (w *line) cmsMoney(variable string, c cents) {
	w.element(func() {
		w.str("url", variables+variable)
		w.money("valueMoney", c)
	})
}

func (w *line) cmsDate(variable string, d day) {
	w.element(func() {
		w.str("url", variables+variable)
		w.date("valueDate", d)
	})
}

func (w *line) cmsValue(variable, value string, members func()) {
	w.element(func() {
		w.str("url", variables+variable)
		w.object(value, members)
	})
}
