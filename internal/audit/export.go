package audit

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WriteCSV writes all events of a trail as CSV, with a header.
func WriteCSV(out io.Writer, dir string) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"seq", "time", "id", "run", "action", "user", "host", "purpose", "source", "object", "types", "counts", "ms", "outcome", "category", "reason"})
	err := Events(dir, func(e Event) error {
		return w.Write([]string{
			strconv.FormatInt(e.Seq, 10), e.Time.Format(time.RFC3339Nano), e.ID, e.Run, e.Action, e.Actor.User, e.Actor.Host, e.Purpose, e.Source, e.Object,
			strings.Join(e.Types, " "), countsText(e.Counts), strconv.FormatInt(e.Millis, 10), e.Outcome, e.Category, e.Reason,
		})
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return err
}

func countsText(counts map[string]int64) string {
	var parts []string
	for name, n := range counts {
		parts = append(parts, fmt.Sprintf("%s=%d", name, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// The parts of a FHIR AuditEvent (R4) that events fill.
type (
	auditEvent struct {
		ResourceType string    `json:"resourceType"`
		ID           string    `json:"id"`
		Type         coding    `json:"type"`
		Subtype      []coding  `json:"subtype"`
		Action       string    `json:"action"`
		Recorded     time.Time `json:"recorded"`
		Outcome      string    `json:"outcome"`
		OutcomeDesc  string    `json:"outcomeDesc,omitempty"`
		PurposeOfUse []concept `json:"purposeOfEvent,omitempty"`
		Agent        []agent   `json:"agent"`
		Source       source    `json:"source"`
		Entity       []entity  `json:"entity,omitempty"`
	}
	coding struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	concept struct {
		Text string `json:"text"`
	}
	agent struct {
		AltID     string  `json:"altId"`
		Requestor bool    `json:"requestor"`
		Network   network `json:"network"`
	}
	network struct {
		Address string `json:"address"`
		Type    string `json:"type"`
	}
	source struct {
		Observer reference `json:"observer"`
	}
	reference struct {
		Display string `json:"display"`
	}
	entity struct {
		Name        string   `json:"name,omitempty"`
		Description string   `json:"description,omitempty"`
		Detail      []detail `json:"detail,omitempty"`
	}
	detail struct {
		Type  string `json:"type"`
		Value string `json:"valueString"`
	}
)

// WriteFHIR writes all events of a trail as AuditEvent resources (FHIR R4), one a line.
func WriteFHIR(out io.Writer, dir string) error {
	encoder := json.NewEncoder(out)
	return Events(dir, func(e Event) error { return encoder.Encode(e.resource()) })
}

func (e Event) resource() auditEvent {
	a := auditEvent{
		ResourceType: "AuditEvent", ID: e.ID, Recorded: e.Time,
		Type:    coding{"http://terminology.hl7.org/CodeSystem/audit-event-type", "rest"},
		Subtype: []coding{{"urn:claimlake:audit", e.Action}},
		Action:  e.crud(), Outcome: "0",
		Agent:  []agent{{AltID: e.Actor.User, Requestor: true, Network: network{e.Actor.Host, "1"}}},
		Source: source{reference{"claimlake " + e.Actor.Version}},
	}
	if e.Outcome != OK {
		a.Outcome, a.OutcomeDesc = "8", e.Category // serious failure
	}
	if e.Purpose != "" {
		a.PurposeOfUse = []concept{{e.Purpose}}
	}
	what := entity{Name: e.Object, Description: strings.Join(e.Types, " ")}
	for _, d := range []detail{{"seq", strconv.FormatInt(e.Seq, 10)}, {"run", e.Run}, {"source", e.Source}, {"counts", countsText(e.Counts)}, {"reason", e.Reason}} {
		if d.Value != "" {
			what.Detail = append(what.Detail, d)
		}
	}
	a.Entity = []entity{what}
	return a
}

// crud is AuditEvent.action: what was done to data.
func (e Event) crud() string {
	switch e.Action {
	case "pages.load", "promote", "keys.generate", "warehouse.fill", "warehouse.filled":
		return "C"
	case "query", "trace", "quarantine.show", "file.download", "export.files", "warehouse":
		return "R"
	case "export.delete", "audit.prune":
		return "D"
	}
	return "E"
}
