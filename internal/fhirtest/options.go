package fhirtest

import (
	"fmt"
	"time"
)

// Options say what a server holds and how it behaves. Dir alone is enough.
type Options struct {
	// Dir has the resources, as .ndjson or .ndjson.gz. A file's resource type is
	// that of its first line; a type may have several files. The lines of
	// deleted.ndjson are the Bundles of an export's deleted files. A Group resource
	// makes /Group/[id]/$export possible; the group "all" always exists.
	Dir string

	Version string   // of the IG, "stu1" to "stu4"; "" is stu3
	Clients []Client // who may ask for a token; without any, the server is open

	FileBytes int64 // about the size of one output file, in bytes before compression; 0 is 64 MiB
	PageFiles int   // output files in one manifest, where the client allows partial manifests, which come while the export runs, then; 0 is all

	Types      []string // that the server exports: a kick-off that names another is refused; none is any
	Declares   bool     // the CapabilityStatement lists Types
	SystemOnly []string // types that are refused at the level of patients and of groups, as HAPI does for those that are about no patient

	Polls      int           // answers 202 before an export is done
	RetryAfter string        // header of these answers, as it stands; "" is none
	MinPoll    time.Duration // polling sooner than this after the last time is answered with 429
	MaxExports int           // a client's kick-off beyond so many running exports is answered with 429; 0 is no limit

	NoToken bool // file URLs are secrets themselves: no token is needed, and one that comes is an error
	NoGzip  bool // files are never compressed
	Chunked bool // files come without Content-Length, ETag and ranges
	Totals  bool // pages of a search have Bundle.total

	PageMatches int // matches in one page of a search, at most; 0 is 1000

	// Mark begins each token and is in the query of each link; and the text of every
	// refusal, HTML page and outcome ends with it, as servers tell of patients there. A
	// test looks for it where neither has any business.
	Mark string

	Faults []Fault       // the first that matches a request applies
	Log    func(Request) // called after each request, possibly by several goroutines at once; may be nil
}

// Client is a registered SMART Backend Services client. It proves who it is by
// an assertion signed with a key of JWKS or of the set at JWKSURL, or, where it
// has a Secret, by HTTP Basic.
type Client struct {
	ID      string
	JWKS    []byte // a JSON Web Key Set with public keys
	JWKSURL string
	Secret  string
	Scopes  []string // what it may have; none is system/*.rs
}

const defaultFileBytes = 64 << 20

// complete checks o and fills in what was left out.
func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, fmt.Errorf("a FHIR server needs a folder with NDJSON: Options.Dir is empty")
	}
	if o.PageMatches <= 0 {
		o.PageMatches = maxCount
	}
	if o.FileBytes <= 0 {
		o.FileBytes = defaultFileBytes
	}
	for i, c := range o.Clients {
		if c.ID == "" {
			return o, fmt.Errorf("client %d has no ID", i+1)
		}
		if _, err := parseScopes(c.Scopes); err != nil {
			return o, fmt.Errorf("client %s: %w", c.ID, err)
		}
	}
	return o, nil
}
