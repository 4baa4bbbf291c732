package fhirtest

import "time"

// Kind is what a request is for.
type Kind string

// The kinds of requests.
const (
	Discovery Kind = "discovery" // CapabilityStatement and SMART configuration
	Token     Kind = "token"
	Kickoff   Kind = "kickoff"
	Status    Kind = "status"   // a poll of an export that is not done
	Manifest  Kind = "manifest" // a poll of an export that is done, or a next page
	File      Kind = "file"
	Delete    Kind = "delete"
	Search    Kind = "search"
)

// Fault is how the answer to some requests differs from the right one. Of a
// list of faults the first that matches a request applies, and only that one;
// one without any effect keeps later ones from a request. Zero fields have no effect.
type Fault struct {
	Kind  Kind
	Match string // part of the URL's path, such as "ExplanationOfBenefit-2" or "/Group/"; "" is any
	// Attempt is which request is meant, counted from 1 since the server's start or SetFaults,
	// for each kind and, of kick-offs, pages, files and searches, for each path
	// without the export's id. 0 is each.
	Attempt int

	// Instead of the answer.
	Drop       bool    // the connection is closed without an answer
	Restart    Restart // the server restarts; the connection is closed
	Redirect   string  // the request is redirected (307) to the same path of this scheme and host
	Status     int     // an OperationOutcome, or an OAuth error, with this status
	RetryAfter string  // header of that answer, as it stands
	HTML       bool    // an HTML page, as gateways send it, with Status or 200
	Body       string  // this, with status 200 and the Content-Type of a file
	NoBody     bool    // nothing, with the same

	// On the way, in bytes of the body as sent.
	Stall   time.Duration // nothing is sent for so long
	StallAt int64         // after so many bytes; 0: before the answer begins
	CutAt   int64         // the connection is closed after so many bytes, at least 1
	Rate    int64         // bytes a second
	Chunked bool          // no Content-Length
	Bare    bool          // no Content-Length and no chunks: the body ends with the connection, as in HTTP/1.0
	Corrupt Corruption    // of an answer in gzip

	// In the answer.
	Truncate    int64         // a file has only its first so many bytes, and ends properly
	Part        int64         // 206 with at most so many bytes of a file, or of the range that was asked for
	Other       bool          // a file is another version: its ETag and its digits are others; If-Range is not minded
	First       bool          // a file is the export's first output file once more
	NoOutput    bool          // the manifest has no output
	Loop        bool          // the next link of a manifest or search leads to its first page
	Outcome     string        // a page of a search lacks its last match, and says so in an OperationOutcome of this severity
	Missing     int           // so many of the last matches are left out of a page of a search
	Total       int           // added to Bundle.total, which is then there
	Lacks       int           // so many of the last output files are left out of a manifest
	Reverse     bool          // the manifest lists its output files in the other order
	Unpaged     bool          // the manifest's first page has the output files of all that are ready, and no link
	Later       time.Duration // added to the manifest's transactionTime
	Counts      int           // added to each count of the manifest
	NoCounts    bool          // the manifest has no counts
	Expire      bool          // the export's file URLs expire: Status, or 410, until the manifest is fetched again
	ExpireToken bool          // the request's token has expired
	Fail        int           // the export that is kicked off ends with this status
	Errors      []string      // the export that is kicked off reports these in its outcome files
}

// Restart is what a restart of the server does to exports.
type Restart int

// The kinds of restarts.
const (
	KeepJobs Restart = 1 + iota
	LoseJobs
)

// Corruption is which byte of a gzip stream is wrong.
type Corruption int

// The kinds of corruption.
const (
	GzipBody    Corruption = 1 + iota // one in the middle
	GzipTrailer                       // the checksum
)
