package pipeline

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/lineage"
)

// LocalFiles is a Source of NDJSON files on this machine.
type LocalFiles struct {
	Skipped []extract.Skipped // what is in folders and is not read

	files []extract.LocalFile
	at    time.Time // their transactionTime; zero for now
}

// OpenLocal makes a Source of files, and of the NDJSON files in folders, also of those
// whose name matches one of include; of a folder that Save wrote, of the resources and
// deletions of its export. A file whose first line is a Bundle of deletions is one of
// deletions. at is the transactionTime of their export, which ranks deletions and
// resources without meta.lastUpdated; zero for that which Save noted, else now. The error
// has one line for each that cannot be read.
func OpenLocal(paths, include []string, at time.Time) (*LocalFiles, error) {
	l := &LocalFiles{at: at}
	var named []string
	kept := map[string]bool{} // files of exports that Save wrote
	for _, path := range paths {
		files, of, saved, err := savedExport(path)
		switch {
		case err != nil:
			return nil, err
		case !saved:
		case at.IsZero() && !l.at.IsZero() && !l.at.Equal(of):
			return nil, fmt.Errorf("%s is of another export than a folder before it: load one after the other, the oldest first", path)
		case at.IsZero():
			l.at = of
		}
		for _, f := range files {
			kept[f] = true
		}
		if saved && len(files) == 0 {
			continue // an export of nothing
		}
		named = append(named, path)
	}
	found, err := extract.ListLocal(named, include)
	if err != nil {
		return nil, err
	}
	l.files, l.Skipped = found.Files, found.Skipped
	for _, f := range l.files {
		if f.Empty {
			l.Skipped = append(l.Skipped, extract.Skipped{Path: f.Path, Why: "empty"})
		}
	}
	return l, l.leave(paths, kept)
}

// leave takes out what is next to the files of exports that Save wrote. The error says
// that one is in another folder: its files would have the time of no export.
func (l *LocalFiles) leave(paths []string, kept map[string]bool) error {
	saved := map[string]bool{} // folders, whether Save wrote them
	for _, path := range paths {
		_, _, saved[filepath.Clean(path)], _ = savedExport(path)
	}
	var files []extract.LocalFile
	for _, f := range l.files {
		dir := filepath.Dir(f.Path)
		of, known := saved[dir]
		switch {
		case saved[filepath.Dir(dir)] && filepath.Base(dir) == filepath.Base(TrailDir("")):
			l.Skipped = append(l.Skipped, extract.Skipped{Path: f.Path, Why: "the audit trail of the export"})
			continue
		case !known:
			_, _, below, _ := savedExport(dir)
			saved[dir] = false
			if below && slices.ContainsFunc(paths, isFolder) && !slices.Contains(paths, f.Path) {
				return fmt.Errorf("%s is an export that claimlake wrote, in another folder: name it itself, and load exports one after the other, the oldest first", dir)
			}
		case of && !kept[f.Path] && !slices.Contains(paths, f.Path):
			l.Skipped = append(l.Skipped, besideExport(f))
			continue
		}
		files = append(files, f)
	}
	l.files = files
	return nil
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// besideExport says why a file in the folder of an export is left out.
func besideExport(f extract.LocalFile) extract.Skipped {
	name := filepath.Base(f.Path)
	switch {
	case name == savedFile:
		return extract.Skipped{Path: f.Path, Why: "what claimlake notes of the export"}
	case strings.HasPrefix(name, string(extract.Outcome)+"-"):
		return extract.Skipped{Path: f.Path, Why: "outcomes of the export, no resources"}
	}
	return extract.Skipped{Path: f.Path, Why: "no file of the export that is in this folder", Data: true}
}

// Prepare lists the files.
func (l *LocalFiles) Prepare(context.Context, extract.Job, func(extract.Job) error) (Batch, error) {
	b := Batch{TransactionTime: l.at, Skipped: l.Skipped}
	for i, f := range l.files {
		b.Files = append(b.Files, File{ID: fileID(i), Name: f.Path, Deletes: f.Deletes, Announced: -1, Bytes: f.Size, local: f})
	}
	if b.TransactionTime.IsZero() {
		b.TransactionTime = time.Now().UTC()
	}
	return b, nil
}

// fileID is the id of a run's i-th file.
func fileID(i int) string { return fmt.Sprintf("%04d", i+1) }

// Pages reads a file.
func (l *LocalFiles) Pages(ctx context.Context, f File, _ extract.Mark, b *extract.Buffers) iter.Seq2[lineage.Page, error] {
	return f.local.Pages(ctx, b)
}

// SHA256 is not computed: it would cost more than the flattening.
func (l *LocalFiles) SHA256(string) string { return "" }

// Finish has nothing to do.
func (l *LocalFiles) Finish(context.Context, extract.Job) error { return nil }
