package pipeline

import (
	"context"
	"iter"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
)

// Source is where a run's files come from: local files or a FHIR server.
type Source interface {
	// Prepare finds the files. It may take hours: a server makes its export in
	// this time. earlier is what an interrupted run noted, zero for a new one; note
	// must be given a new export before the first poll, and then again each time
	// before the next. The error wraps extract.ErrGone if the earlier export is no
	// more.
	Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error)
	// Pages yields the pages of a file in order, without their Origin. Where it can they
	// begin at a mark, which is that of a page it yielded before an interruption, else
	// at the start.
	Pages(ctx context.Context, f File, from extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error]
	// SHA256 is the hash of a file's decoded bytes, in hex, once its pages were
	// read from the start to the end; "" where the source computes none.
	SHA256(fileID string) string
	// Finish is called once readers see the run, with what Prepare noted: a server may
	// forget the export.
	Finish(ctx context.Context, job extract.Job) error
}

// Witness is a Source that can say of the files that it read to their end whether they may
// lack something.
type Witness interface {
	Ending(fileID string) Ending
}

// Ending is what became known of a file while it was read.
type Ending struct {
	Announced int64  // lines, where the source says it only then; -1 for nothing new
	Short     string // why the file may not be whole; "" for no reason
}

// Batch is what a run reads.
type Batch struct {
	TransactionTime time.Time // the export's, UTC
	Retrieved       time.Time // when the files were retrieved, UTC; zero for now
	Files           []File
	Missing         []string         // types that were asked for, and of which there is no file
	Failures        extract.Failures // what the server says it could not give
	Served          time.Time        // the server's clock when it gave the last word; zero where it does not say
	// Skipped is what is next to the files, and is not read.
	Skipped []extract.Skipped

	// Whole says that the files are all that the source has: what is loaded and is not
	// among it is deleted.
	Whole bool
	// Published is where files that are published end; zero for other sources.
	Published ledger.Published
}

// unread are the files that were left out, for the checks.
func (b Batch) unread() (files []checks.UnreadFile) {
	for _, s := range b.Skipped {
		files = append(files, checks.UnreadFile(s))
	}
	return files
}

// File is a file of a run.
type File struct {
	ID           string // within the run, such as 0001
	Name         string // path, or URL without its query
	ResourceType string // the type of all its lines; "" when any may come
	Deletes      bool   // its lines are Bundles of deletions
	Announced    int64  // lines, as the server says; -1 where it does not
	Bytes        int64  // decoded length; -1 when unknown

	handle extract.File      // of a server
	local  extract.LocalFile // on this machine
}

func (f File) record() ledger.File {
	return ledger.File{ID: f.ID, Name: f.Name, ResourceType: f.ResourceType, Deletes: f.Deletes, Announced: f.Announced}
}
