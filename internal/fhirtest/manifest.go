package fhirtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// manifest is the Bulk Data output manifest. What a version does not have is left out.
type manifest struct {
	ManifestType        string         `json:"manifestType,omitzero"`
	TransactionTime     string         `json:"transactionTime"`
	Request             string         `json:"request,omitzero"`
	RequiresAccessToken bool           `json:"requiresAccessToken"`
	OutputFormat        string         `json:"outputFormat,omitzero"`
	OutputOrganizedBy   string         `json:"outputOrganizedBy,omitzero"`
	Output              []manifestFile `json:"output,omitzero"` // [] where there is none
	Deleted             []manifestFile `json:"deleted,omitzero"`
	Error               []manifestFile `json:"error,omitzero"`   // before STU4
	Outcome             []manifestFile `json:"outcome,omitzero"` // since STU4
	Link                []manifestLink `json:"link,omitzero"`
}

type manifestFile struct {
	Type            string `json:"type,omitzero"`
	URL             string `json:"url"`
	Count           *int   `json:"count,omitempty"`
	FileSize        int64  `json:"fileSize,omitzero"` // bytes, since STU4
	ContinuesInFile string `json:"continuesInFile,omitzero"`
}

type manifestLink struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// manifestPage answers a manifest's next link. While the export runs its status is that of
// the export, and asking for it is polling.
func (s *Server) manifestPage(w http.ResponseWriter, x *exchange) error {
	status, page, err := s.findPage(w.Header(), x)
	if err == nil {
		writeJSON(w, status, "application/json", page)
	}
	return err
}

func (s *Server) findPage(h http.Header, x *exchange) (int, manifest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.find(x)
	if err != nil {
		return 0, manifest{}, err
	}
	page, err := strconv.Atoi(x.PathValue("page"))
	if err != nil || page < 1 || page > s.readyPages(e) {
		return 0, manifest{}, refuse(http.StatusNotFound, "not-found", "the manifest has no such page")
	}
	status := http.StatusOK
	if !e.Done {
		if err := s.pace(h, e); err != nil {
			return 0, manifest{}, err
		}
		s.setRetryAfter(h)
		status = http.StatusAccepted
	} else if e.fails != 0 {
		return 0, manifest{}, refuse(e.fails, "exception", "the export has failed: start a new one")
	}
	h.Set("Expires", e.expiry().Format(http.TimeFormat))
	return e.state(h, status), s.manifest(x, e, page), nil
}

// pages returns how many pages the manifest of e has.
func (s *Server) pages(e *export) int {
	if !e.partial || s.options.PageFiles <= 0 {
		return 1
	}
	return max(1, (len(e.output)+s.options.PageFiles-1)/s.options.PageFiles)
}

// readyPages returns how many of the pages of e there are: all once it is done, and before
// that some more after each poll, where the client allows it.
func (s *Server) readyPages(e *export) int {
	all := s.pages(e)
	if e.Done || !e.partial {
		return all
	}
	return min(all-1, all*e.Polls/max(s.options.Polls, 1))
}

// manifest makes one page. Deleted and outcome files are on the last.
func (s *Server) manifest(x *exchange, e *export, page int) manifest {
	m := manifest{
		TransactionTime:     e.TransactionTime.Add(x.fault.Later).Format("2006-01-02T15:04:05.000Z07:00"),
		RequiresAccessToken: s.requiresToken(),
		OutputOrganizedBy:   e.organizedBy,
		Output:              s.list(x, e, s.onPage(e, page, x.fault)),
	}
	last := page == s.pages(e)
	outcomes := []manifestFile{}
	if last {
		outcomes = s.list(x, e, e.outcomes)
	}
	if last && e.incremental && s.version > stu1 {
		m.Deleted = s.list(x, e, e.deletions)
	}
	if page < s.readyPages(e) && !x.fault.Unpaged {
		m.Link = []manifestLink{{"next", s.sign(x.base(), fmt.Sprintf("/export-status/%s/%d", e.ID, page+1))}}
	}
	if x.fault.Loop {
		m.Link = []manifestLink{{"next", s.sign(x.base(), fmt.Sprintf("/export-status/%s/1", e.ID))}}
	}
	if x.fault.NoOutput {
		m.Output = nil
	}
	if s.version < stu4 {
		m.Request, m.Error = e.request, outcomes
		return m
	}
	m.ManifestType = s.version.operation()
	m.OutputFormat, m.Outcome = "application/fhir+ndjson", outcomes
	return m
}

// onPage returns the files of a page. Unpaged, the first has all that are ready.
func (s *Server) onPage(e *export, page int, f Fault) []outputFile {
	until := page
	if f.Unpaged {
		until = s.readyPages(e)
	}
	files := e.output
	if s.pages(e) > 1 {
		files = files[(page-1)*s.options.PageFiles : min(until*s.options.PageFiles, len(files))]
	}
	files = slices.Clone(files[:max(0, len(files)-f.Lacks)])
	if f.Reverse {
		slices.Reverse(files)
	}
	return files
}

func (s *Server) list(x *exchange, e *export, files []outputFile) []manifestFile {
	url := func(name string) string {
		return s.sign(x.base(), fmt.Sprintf("/files/%s/%d/%s", e.ID, e.generation, name))
	}
	listed := []manifestFile{}
	for _, f := range files {
		entry := manifestFile{Type: f.resourceType, URL: url(f.name)}
		if !x.fault.NoCounts {
			entry.Count = new(f.count + x.fault.Counts)
		}
		if f.continuesIn != "" {
			entry.ContinuesInFile = url(f.continuesIn)
		}
		if s.version == stu4 {
			entry.FileSize = f.length
		}
		listed = append(listed, entry)
	}
	return listed
}

// sign ends a link with a signature, as object stores do; no two paths have the same.
func (s *Server) sign(base, path string) string {
	if s.options.Mark == "" {
		return base + path
	}
	sum := sha256.Sum256([]byte(path))
	return base + path + "?sig=" + s.options.Mark + hex.EncodeToString(sum[:8])
}
