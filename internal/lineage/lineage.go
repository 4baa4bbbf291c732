// Package lineage is the one small type that the stages share: where a row
// came from. extract fills an Origin for each page it reads, transform turns
// it into the lineage columns of every row, load keeps them.
//
//	extract ──Page{Origin, bytes}──▶ transform ──batch with lineage columns──▶ load
package lineage

import (
	"time"
)

// Limits of a page. A page ends at whichever comes first; a single longer line
// is a page of its own, without what it has beyond MaxLineBytes.
const (
	MaxPageLines = 2500
	MaxPageBytes = 4 << 20
	MaxLineBytes = 64 << 20
)

// Origin says where the lines of a page came from. It is the same for all
// pages of a file.
type Origin struct {
	Source          string    // name of the source in the configuration
	RunID           string    // the run that read the file
	FileID          string    // the file in the ledger; the table _file resolves it
	RetrievedAt     time.Time // when the file was requested, UTC
	TransactionTime time.Time // the manifest's transactionTime, UTC; for local files the time of the run
}

// Page is up to MaxPageLines consecutive lines (or MaxPageBytes) of one NDJSON
// file: the unit of flattening, of the ledger and of resume. Data holds whole
// lines; each ends in '\n' but possibly the last of the file.
type Page struct {
	Origin
	ResourceType string // the type the manifest announced; "" when any type may come
	First        int64  // number of the first line in the file, from 1
	Offset       int64  // position of Data[0] in the decoded file, in bytes
	Lines        int    // number of lines in Data
	Dropped      int64  // bytes missing at the end of Data's last line, which is longer than MaxLineBytes
	Data         []byte

	// Token is what the source needs to go on after the page, after an interruption; ""
	// where it could only begin again. It may be a credential: not for logs.
	Token string
}

// Bytes is the page's length in the decoded file.
func (p Page) Bytes() int64 { return int64(len(p.Data)) + p.Dropped }
