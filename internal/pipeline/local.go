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
type LocalFiles struct{ paths []string }

// OpenLocal makes a Source of files and of the NDJSON files in folders. The error
// has one line for each that cannot be read.
func OpenLocal(paths []string) (*LocalFiles, error) {
	files, err := extract.Local(paths)
	return &LocalFiles{paths: files}, err
}

// Prepare lists the files. Their transactionTime is now.
func (l *LocalFiles) Prepare(context.Context, extract.Job, func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: time.Now().UTC()}
	for i, path := range l.paths {
		b.Files = append(b.Files, File{ID: fileID(i), Name: path, Announced: -1, Bytes: plainSize(path)})
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
