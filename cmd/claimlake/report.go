package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/pipeline"
)

// rejectedError says that a run is done, but not with every line.
type rejectedError struct {
	lines  int64
	unread int64 // files next to those that were read
	run    uint32
	lake   string
}

func (e rejectedError) Error() string {
	var what []string
	if e.lines > 0 {
		what = append(what, fmt.Sprintf("%d lines could not be used; they are in %s/quarantine, and why is shown by: claimlake runs %d --lake %s", e.lines, e.lake, e.run, e.lake))
	}
	if e.unread > 0 {
		what = append(what, fmt.Sprintf("%d files that look like data were not read: name them, or give a pattern of their names (--include)", e.unread))
	}
	return "done, but " + strings.Join(what, "; and ")
}

// printReport tells what a run brought. The error is a rejectedError if lines are
// in quarantine, or what looks like data was left out.
func printReport(out io.Writer, lake string, r pipeline.Report) error {
	c, tables, rows := r.Counts, 0, int64(0)
	for _, n := range r.Rows {
		rows += n
		tables += min(int(n), 1)
	}
	_, err := fmt.Fprintf(out, "run %d: %d lines of %d files: %d loaded, %d unchanged, %d of types without a mapping, %d rejected; %d rows in %d tables; %.1f MB in %s (%.1f MB/s)\n",
		r.Run.Number, c.Lines, len(r.Files), c.Landed, c.Unchanged, c.Unmapped, c.Rejected, rows, tables,
		float64(c.Bytes)/1e6, r.Took.Round(time.Millisecond), float64(c.Bytes)/1e6/r.Took.Seconds())
	if err != nil {
		return err
	}
	for _, v := range r.Values {
		if _, err := fmt.Fprintf(out, "  %d values of %s.%s do not fit: %s\n", v.Count, v.Table, v.Column, v.Reason); err != nil {
			return err
		}
	}
	unread := int64(0)
	for _, f := range r.Findings {
		leftOut := f.Check == checks.LeftOut
		if leftOut && f.Grade == checks.Warn {
			unread += int64(f.Found)
		}
		if f.Grade == checks.Info && !leftOut {
			continue
		}
		if _, err := fmt.Fprintf(out, "  %s: %s: %s\n", f.Grade, strings.TrimSpace(f.Check+" "+f.Subject), f.Text); err != nil {
			return err
		}
	}
	for _, t := range r.Coverage {
		if t.Reached == t.Values {
			continue
		}
		if _, err := fmt.Fprintf(out, "  %.1f %% of the values of %s reach a column (in a sample); the others: claimlake runs %d --lake %s\n", t.Share(), t.Resource, r.Run.Number, lake); err != nil {
			return err
		}
	}
	if c.Rejected > 0 || unread > 0 {
		return rejectedError{lines: c.Rejected, unread: unread, run: r.Run.Number, lake: lake}
	}
	return nil
}
