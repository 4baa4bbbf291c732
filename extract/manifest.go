package extract

import (
	"slices"
	"time"
)

// Manifest is what an export gave (Bulk Data, "Response - Output Manifest"):
// all pages of it, or those known so far.
type Manifest struct {
	// TransactionTime is the state of the server that was exported, and so the
	// next export's Since.
	TransactionTime time.Time
	Served          time.Time // the server's clock when it sent the last page; zero where it does not say
	RequiresToken   bool      // requiresAccessToken
	OutputFormat    string    // "" means application/fhir+ndjson
	OrganizedBy     string    // outputOrganizedBy; "" where each file has one type
	Expires         time.Time // of the first page; zero where the server does not say
	Complete        bool      // false: more files may come
	Output          []File
	Deleted         []File
	Outcome         []File // outcome, and error before STU4: not only of failures
}

// Missing are those of types that no output file announces: there may be none of
// them, or the server silently left them out. None is missing where a file says no
// type: its lines may be of any.
func (m Manifest) Missing(types []string) []string {
	var missing []string
	untyped := m.OrganizedBy != "" || slices.ContainsFunc(m.Output, func(f File) bool { return f.Type == "" })
	for _, t := range types {
		if !untyped && !slices.ContainsFunc(m.Output, func(f File) bool { return f.Type == t }) {
			missing = append(missing, t)
		}
	}
	return missing
}

// manifest joins pages into one, and numbers their files.
func manifest(pages []*page) Manifest {
	first := pages[0]
	m := Manifest{
		TransactionTime: first.transactionTime, RequiresToken: first.requiresToken,
		OutputFormat: first.outputFormat, OrganizedBy: first.organizedBy, Expires: first.link.expires,
	}
	for _, p := range pages {
		m.Served = p.served
		m.Output = append(m.Output, p.files(Output, len(m.Output), m)...)
		m.Deleted = append(m.Deleted, p.files(Deleted, len(m.Deleted), m)...)
		m.Outcome = append(m.Outcome, p.files(Outcome, len(m.Outcome), m)...)
	}
	return m
}
