package fhirtest

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"time"
)

const fhirJSON = "application/fhir+json"

// kickoff answers a request to start an export (Bulk Data, "Bulk Data Kick-off Request").
func (s *Server) kickoff(at level) handler {
	return func(w http.ResponseWriter, x *exchange) error {
		if x.Header.Get("Accept") != fhirJSON { // no list and no range: SMART's reference server
			return refuse(http.StatusBadRequest, "invalid", "the kick-off must be sent with Accept: %s", fhirJSON)
		}
		prefer := preferencesOf(x.Header)
		if !prefer.async {
			return refuse(http.StatusBadRequest, "invalid", "$export is asynchronous: send Prefer: respond-async")
		}
		values, err := s.values(w, x)
		if err != nil {
			return err
		}
		now, err := s.catalogue.read()
		if err != nil {
			return err
		}
		asked := maps.Clone(values)
		o, err := s.order(x, at, values, prefer.lenient, now)
		if err != nil {
			return err
		}
		e := s.newExport(x, at, asked, o)
		if prefer.separateStatus && s.version == stu4 {
			e.separate = true
			w.Header().Set("Preference-Applied", "separate-export-status")
		}
		return s.start(w, x, e, o, now)
	}
}

func (s *Server) newExport(x *exchange, at level, asked url.Values, o *order) *export {
	id := rand.Text()
	return &export{
		Export: Export{
			ID: id, Client: x.grant.client, Level: string(at), Group: x.PathValue("id"),
			Parameters: asked, TransactionTime: s.clock().UTC().Truncate(time.Millisecond),
		},
		request: x.base() + x.URL.RequestURI(), partial: o.partial, organizedBy: o.organizedBy,
		incremental: !o.since.IsZero(), fails: x.fault.Fail, dir: filepath.Join(s.temp, "export-"+id),
	}
}

// start admits the export and makes its files, so that it is done as soon as
// the server says so.
func (s *Server) start(w http.ResponseWriter, x *exchange, e *export, o *order, now contents) error {
	if err := s.admit(w, e); err != nil {
		return err
	}
	for _, text := range x.fault.Errors {
		o.outcomes = append(o.outcomes, outcome("error", "processing", text+s.options.Mark))
	}
	if err := s.produce(e, o, now); err != nil {
		s.remove(e)
		return err
	}
	w.Header().Set("Content-Location", s.sign(x.base(), "/export-status/"+e.ID))
	w.WriteHeader(http.StatusAccepted)
	return nil
}
