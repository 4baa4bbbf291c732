package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/policy"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/load/parquet"
)

// FileOf is the run that loaded a row, and the file it read it from.
func FileOf(ctx context.Context, l *ledger.Ledger, runID, fileID string) (ledger.Run, ledger.File, error) {
	run, err := l.Run(ctx, runID)
	if err != nil {
		return run, ledger.File{}, err
	}
	files, err := l.Files(ctx, runID)
	if err != nil {
		return run, ledger.File{}, err
	}
	for _, f := range files {
		if f.ID == fileID {
			return run, f, nil
		}
	}
	return run, ledger.File{}, fmt.Errorf("the ledger has no file %s of run %d", fileID, run.Number)
}

// RawLine is the line that a row came from, without its line end, out of the
// archive. policyKey is that of the policy in use, which hashes of rows may be of; nil for
// none. The error wraps archive.ErrGone where the archive does not have it.
func RawLine(ctx context.Context, l *ledger.Ledger, lake string, keys *seal.Keys, policyKey []byte, o parquet.Origin) ([]byte, error) {
	name := o.RunID
	if number, file, again := lineage.AgainOf(o.FileID); again {
		name, o.FileID = strconv.FormatUint(uint64(number), 10), file
	}
	run, err := l.Run(ctx, name)
	if err != nil {
		return nil, err
	}
	of := run.ID
	if run.Of != "" {
		of = run.Of
	}
	p, err := l.ArchivedPage(ctx, of, o.FileID, o.Line)
	if err != nil {
		return nil, err
	}
	if p.Archived.Path == "" {
		return nil, fmt.Errorf("line %d of file %s of run %d: %w: only runs with lake.archive keep what came", o.Line, o.FileID, run.Number, archive.ErrGone)
	}
	data, err := archive.In(lake, keys).Page(archive.Place(p.Archived))
	if err != nil {
		return nil, err
	}
	line := nthLine(data, o.Line-p.First)
	if policy.LineHash(policyKey)(line) != o.Hash && policy.LineHash(nil)(line) != o.Hash {
		return nil, fmt.Errorf("line %d of file %s of run %d: %w: it has other bytes, or the row was made under a policy with another key", o.Line, o.FileID, run.Number, archive.ErrGone)
	}
	return line, nil
}

// nthLine is line n of data, from 0, as the flattener takes it: without its line
// end, and without a byte order mark.
func nthLine(data []byte, n int64) []byte {
	for ; n > 0; n-- {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.TrimPrefix(bytes.TrimSuffix(line, []byte("\r")), []byte("\xef\xbb\xbf"))
}
