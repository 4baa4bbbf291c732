package extract

import (
	"fmt"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Kind is the manifest's list that a file is in.
type Kind string

// The kinds of files.
const (
	Output  Kind = "output"  // resources
	Deleted Kind = "deleted" // Bundles of deletions
	Outcome Kind = "outcome" // OperationOutcomes: errors, and what else the server says
)

// File is one file of a manifest.
type File struct {
	// ID is unique in the export, and the same whenever the manifest is read:
	// kind and number, such as output-000012.
	ID              string
	Kind            Kind
	Type            string    // resource type; "" where any may come
	Name            string    // its URL without the query
	Count           int64     // resources announced; -1 where the server does not say
	Size            int64     // fileSize, bytes; -1 where the server does not say
	TransactionTime time.Time // the manifest's, UTC

	public    bool // a capability URL: the token must not be sent
	organized bool // header lines stand between the resources
	index     int  // in its list of the page
	links     *links
}

// files are the page's files of one kind, numbered on from before.
func (p *page) files(kind Kind, before int, m Manifest) []File {
	var files []File
	for i, e := range p.entries[kind] {
		files = append(files, File{
			ID: fmt.Sprintf("%s-%06d", kind, before+i+1), Kind: kind, Type: e.kind,
			Name: redact.URL(e.url), Count: e.count, Size: e.size, TransactionTime: m.TransactionTime,
			public: !m.RequiresToken, organized: m.OrganizedBy != "", index: i, links: p.link,
		})
	}
	return files
}

// key is what a file is found by when its page is read again.
type key struct {
	kind  Kind
	index int
}

func (f File) url() *url.URL { return f.links.get(key{f.Kind, f.index}) }
