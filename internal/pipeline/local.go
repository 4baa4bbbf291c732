package pipeline

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/lineage"
)

// LocalFiles is a Source of NDJSON files on this machine.
type LocalFiles struct {
	files []File
	at    time.Time // their transactionTime; zero for now
}

// OpenLocal makes a Source of files, and of the NDJSON files in folders; of a folder that
// Save wrote, of the resources and deletions of its export. A file whose first line is a
// Bundle of deletions is one of deletions. at is the transactionTime of their export,
// which ranks deletions and resources without meta.lastUpdated; zero for that which Save
// noted, else now. The error has one line for each that cannot be read.
func OpenLocal(ctx context.Context, paths []string, at time.Time) (*LocalFiles, error) {
	l := &LocalFiles{at: at}
	var named []string
	for _, path := range paths {
		files, of, saved, err := savedExport(path)
		switch {
		case err != nil:
			return nil, err
		case !saved:
			files = []string{path}
		case at.IsZero() && !l.at.IsZero() && !l.at.Equal(of):
			return nil, fmt.Errorf("%s is of another export than a folder before it: load one after the other, the oldest first", path)
		case at.IsZero():
			l.at = of
		}
		named = append(named, files...)
	}
	found, err := extract.Local(named)
	if err != nil {
		return nil, err
	}
	for i, path := range found {
		deletes, err := extract.LocalDeletes(ctx, path)
		if err != nil {
			return nil, err
		}
		l.files = append(l.files, File{ID: fileID(i), Name: path, Deletes: deletes, Announced: -1, Bytes: plainSize(path)})
	}
	return l, nil
}

// Prepare lists the files.
func (l *LocalFiles) Prepare(context.Context, extract.Job, func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: l.at, Files: l.files}
	if b.TransactionTime.IsZero() {
		b.TransactionTime = time.Now().UTC()
	}
	return b, nil
}

// fileID is the id of a run's i-th file.
func fileID(i int) string { return fmt.Sprintf("%04d", i+1) }

// plainSize is the length of a file that is not compressed; -1 for others.
func plainSize(path string) int64 {
	st, err := os.Stat(path)
	if err != nil || strings.HasSuffix(filepath.Base(path), ".gz") || strings.HasSuffix(path, ".zst") {
		return -1
	}
	return st.Size()
}

// Pages reads a file.
func (l *LocalFiles) Pages(ctx context.Context, f File, _ extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return extract.LocalPages(ctx, f.Name, b)
}

// SHA256 is not computed: it would cost more than the flattening.
func (l *LocalFiles) SHA256(string) string { return "" }

// Finish has nothing to do.
func (l *LocalFiles) Finish(context.Context, extract.Job) error { return nil }
