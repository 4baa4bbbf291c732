package clickhouse

import (
	"context"
	"fmt"
	"time"
)

// Counts say what became of the lines of a run or a file.
type Counts struct {
	Bytes     int64 `ch:"bytes"` // decoded
	Lines     int64 `ch:"lines"` // blank ones not counted
	Landed    int64 `ch:"landed"`
	Unchanged int64 `ch:"unchanged"`
	Unmapped  int64 `ch:"unmapped"`
	Rejected  int64 `ch:"rejected"`
}

// RunRow is a row of the table _run. Times are UTC.
type RunRow struct {
	RunID           string     `ch:"run_id"`
	RunNumber       uint32     `ch:"run_number"`
	Source          string     `ch:"source"`
	Kind            string     `ch:"kind"`  // sync or flatten
	State           string     `ch:"state"` // promoted or failed
	Started         time.Time  `ch:"started_at"`
	Finished        time.Time  `ch:"finished_at"`
	TransactionTime *time.Time `ch:"transaction_time"` // nil when there was no export
	Mapping         string     `ch:"mapping"`
	Files           int64      `ch:"files"`
	Counts
}

// FileRow is a row of the table _file. Times are UTC.
type FileRow struct {
	FileID       string `ch:"file_id"`
	RunID        string `ch:"run_id"`
	Name         string `ch:"name"` // path, or URL without its query
	ResourceType string `ch:"resource_type"`
	SHA256       string `ch:"sha256"` // hex, of the decoded bytes
	Counts
	Retrieved time.Time `ch:"retrieved_at"`
}

// CheckRow is a row of the table _check.
type CheckRow struct {
	RunID    string  `ch:"run_id"`
	Check    string  `ch:"check_name"`
	Subject  string  `ch:"subject"`
	Grade    string  `ch:"grade"`
	Found    float64 `ch:"found"`
	Expected float64 `ch:"expected"`
	Text     string  `ch:"detail"`
}

const (
	insertRun = `INSERT INTO _run_v (run_id, run_number, source, kind, state, started_at, finished_at,
		transaction_time, mapping, files, bytes, lines, landed, unchanged, unmapped, rejected)`
	insertFile = `INSERT INTO _file_v (file_id, run_id, name, resource_type, sha256, retrieved_at,
		bytes, lines, landed, unchanged, unmapped, rejected)`
	insertCheck = `INSERT INTO _check_v (run_id, check_name, subject, grade, found, expected, detail)`
)

// RecordRun writes a row of _run. The last one written for a run counts.
func (s *Store) RecordRun(ctx context.Context, r RunRow) error {
	return record(ctx, s, "_run", insertRun, []RunRow{r})
}

// RecordFiles writes rows of _file. The last one written for a file counts.
func (s *Store) RecordFiles(ctx context.Context, files []FileRow) error {
	return record(ctx, s, "_file", insertFile, files)
}

// RecordChecks writes rows of _check. The last one written for a check and its subject
// counts.
func (s *Store) RecordChecks(ctx context.Context, found []CheckRow) error {
	return record(ctx, s, "_check", insertCheck, found)
}

func record[T any](ctx context.Context, s *Store, tableName, insert string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if err := again(ctx, func() error { return recordOnce(ctx, s, insert, rows) }); err != nil {
		return fmt.Errorf("record in %s: %w", tableName, terse(err))
	}
	return nil
}

func recordOnce[T any](ctx context.Context, s *Store, insert string, rows []T) error {
	batch, err := s.conn.PrepareBatch(ctx, insert)
	if err != nil {
		return err
	}
	defer batch.Close() //nolint:errcheck // sent or failed by then
	for i := range rows {
		if err := batch.AppendStruct(&rows[i]); err != nil {
			return err
		}
	}
	return batch.Send()
}
