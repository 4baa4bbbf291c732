package synth

import "time"

// coding is a FHIR Coding; empty parts are left out.
type coding struct{ system, code, display string }

func (w *line) coding(c coding) {
	w.element(func() { w.codingMembers(c) })
}

func (w *line) codingMembers(c coding) {
	w.str("system", c.system)
	w.str("code", c.code)
	if c.display != "" {
		w.str("display", c.display)
	}
}

// codings are the members of a CodeableConcept without the empty codings.
func (w *line) codings(codings ...coding) {
	w.array("coding", func() {
		for _, c := range codings {
			if c.code != "" {
				w.coding(c)
			}
		}
	})
}

// concept is a CodeableConcept.
func (w *line) concept(key string, codings ...coding) {
	w.object(key, func() { w.codings(codings...) })
}

// concepts is an array of one CodeableConcept.
func (w *line) concepts(key string, codings ...coding) {
	w.only(key, func() { w.codings(codings...) })
}

// reference is a relative literal reference.
func (w *line) reference(key, resourceType, id string) {
	w.object(key, func() { w.str("reference", resourceType+"/"+id) })
}

// logical is a reference by identifier (FHIR R4, "Logical references").
func (w *line) logical(key string, members func()) {
	w.object(key, func() { w.object("identifier", members) })
}

// npi are the members of an Identifier that is a National Provider Identifier.
func (w *line) npi(value string) {
	w.concept("type", coding{identifierType, "npi", "National Provider Identifier"})
	w.str("system", npiSystem)
	w.str("value", value)
}

// identifier appends an Identifier to the array around it.
func (w *line) identifier(kind coding, system, value string) {
	w.element(func() {
		if kind.code != "" {
			w.concept("type", kind)
		}
		w.str("system", system)
		w.str("value", value)
	})
}

// money is an amount in US dollars.
func (w *line) money(key string, c cents) {
	w.object(key, func() {
		w.key("value")
		w.amount(c)
		w.str("currency", "USD")
	})
}

// amount prints the decimals as the payer does.
func (w *line) amount(c cents) {
	if w.short {
		w.buf = c.appendShort(w.buf)
	} else {
		w.buf = c.appendFull(w.buf)
	}
}

func (w *line) date(key string, d day) {
	w.key(key)
	w.buf = append(w.buf, '"')
	w.buf = d.time().AppendFormat(w.buf, time.DateOnly)
	w.buf = append(w.buf, '"')
}

// instant is a time in UTC, with the offset that Java servers write or with Z.
func (w *line) instant(key string, t time.Time) {
	layout := "2006-01-02T15:04:05.000Z"
	if w.short {
		layout = "2006-01-02T15:04:05.000+00:00"
	}
	w.key(key)
	w.buf = append(w.buf, '"')
	w.buf = t.AppendFormat(w.buf, layout)
	w.buf = append(w.buf, '"')
}

func (w *line) period(key string, from, to day) {
	w.object(key, func() {
		w.date("start", from)
		w.date("end", to)
	})
}

// meta is the resource's version and profile. Tags are CMS's.
func (w *line) meta(updated time.Time, profile string, tags ...coding) {
	w.object("meta", func() {
		w.instant("lastUpdated", updated)
		w.texts("profile", profile)
		if len(tags) > 0 {
			w.array("tag", func() {
				for _, t := range tags {
					w.coding(t)
				}
			})
		}
	})
}
