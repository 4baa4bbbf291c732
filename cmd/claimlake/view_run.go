package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/sof"
)

func newViewRunCmd() *cobra.Command {
	var input []string
	var format string
	cmd := &cobra.Command{
		Use:   "run VIEW",
		Short: "Print the rows of a SQL on FHIR ViewDefinition",
		Long: `Read NDJSON files (plain, gzip or zstd) and print the rows that a ViewDefinition makes of
them, without a lake. The view is checked first: every mistake is reported with its place.
Lines that it cannot use are named on standard error; the exit code is then 3.
Decimals keep all digits.`,
		Example: `  claimlake view run patients.json --input export/
  claimlake view run eob_items.json --input ExplanationOfBenefit.ndjson.gz --format ndjson`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			printer, ok := viewPrinters[format]
			if !ok {
				return usagef("--format %s: want one of %v", format, slices.Sorted(maps.Keys(viewPrinters)))
			}
			if len(input) == 0 {
				return usagef("--input: name the NDJSON files or folders")
			}
			view, err := readView(args[0])
			if err != nil {
				return err
			}
			r := viewRun{view: view, reader: view.NewReader(), printer: printer(dataOut(cmd), view), problems: cmd.ErrOrStderr()}
			return r.run(cmd.Context(), input)
		},
	}
	cmd.Flags().StringArrayVar(&input, "input", nil, "NDJSON file or folder; may be given again")
	cmd.Flags().StringVar(&format, "format", "csv", "csv, ndjson or json")
	return cmd
}

// maxNamed is how many lines that a view cannot use are named.
const maxNamed = 10

// unusedLinesError says that a view is done, but not with every line.
type unusedLinesError struct{ lines int64 }

func (e unusedLinesError) Error() string {
	return fmt.Sprintf("done, but %d lines could not be used", e.lines)
}

// viewRun is one run of a view over files.
type viewRun struct {
	view     *sof.View
	reader   *sof.Reader
	printer  viewPrinter
	problems io.Writer
	unused   int64
}

func (r *viewRun) run(ctx context.Context, input []string) error {
	files, err := extract.ListLocal(input, nil)
	if err != nil {
		return err
	}
	if err := tellUnread(r.problems, files.Skipped); err != nil {
		return err
	}
	if err := r.printer.begin(); err != nil {
		return err
	}
	buffers := extract.NewBuffers(1)
	for _, file := range files.Files {
		for page, err := range file.Pages(ctx, buffers) {
			if err != nil {
				return err
			}
			n := page.First
			for line := range bytes.Lines(page.Data) {
				if err := r.line(file.Path, n, bytes.TrimSpace(line)); err != nil {
					return err
				}
				n++
			}
			buffers.Put(page)
		}
	}
	if err := r.printer.end(); err != nil {
		return err
	}
	if r.unused > 0 {
		return unusedLinesError{lines: r.unused}
	}
	return nil
}

// line prints the rows of one line: all of them or, where one cannot be made, none.
func (r *viewRun) line(file string, n int64, line []byte) error {
	if len(line) == 0 {
		return nil
	}
	if err := r.reader.Rows(line, r.printer.row); err != nil {
		r.printer.drop()
		if r.unused++; r.unused <= maxNamed {
			if _, err := fmt.Fprintf(r.problems, "%s:%d: %v\n", file, n, err); err != nil {
				return err
			}
		}
		return nil
	}
	return r.printer.keep()
}

// viewPrinter prints rows. Those of a line are kept or dropped together.
type viewPrinter interface {
	begin() error
	row([]sof.Cell) error
	keep() error
	drop()
	end() error
}

var viewPrinters = map[string]func(io.Writer, *sof.View) viewPrinter{
	"csv": func(out io.Writer, v *sof.View) viewPrinter {
		p := &csvRows{view: v, out: out}
		p.csv = csv.NewWriter(&p.line)
		return p
	},
	"ndjson": func(out io.Writer, v *sof.View) viewPrinter {
		return &jsonRows{view: v, out: out, between: "\n", last: "\n"}
	},
	"json": func(out io.Writer, v *sof.View) viewPrinter {
		return &jsonRows{view: v, out: out, first: "[", between: ",\n", last: "]\n"}
	},
}

// csvRows prints CSV with a header (RFC 4180).
type csvRows struct {
	view *sof.View
	out  io.Writer
	line bytes.Buffer // rows of the current line
	csv  *csv.Writer
}

func (p *csvRows) begin() error {
	var names []string
	for _, c := range p.view.Columns {
		names = append(names, c.Name)
	}
	if err := p.csv.Write(names); err != nil {
		return err
	}
	return p.keep()
}

func (p *csvRows) row(row []sof.Cell) error { return p.csv.Write(p.view.Texts(row)) }

func (p *csvRows) keep() error {
	p.csv.Flush()
	_, err := p.line.WriteTo(p.out)
	return err
}

func (p *csvRows) drop() {
	p.csv.Flush()
	p.line.Reset()
}

func (p *csvRows) end() error { return nil }

// jsonRows prints objects, one a line or as one array.
type jsonRows struct {
	view                 *sof.View
	out                  io.Writer
	first, between, last string
	line                 []byte // rows of the current line
	some, kept           bool   // rows are in line; rows were printed
}

func (p *jsonRows) begin() error {
	_, err := io.WriteString(p.out, p.first)
	return err
}

func (p *jsonRows) row(row []sof.Cell) error {
	if p.kept || p.some {
		p.line = append(p.line, p.between...)
	}
	p.line, p.some = p.view.AppendJSON(p.line, row), true
	return nil
}

func (p *jsonRows) keep() error {
	_, err := p.out.Write(p.line)
	p.kept = p.kept || p.some
	p.drop()
	return err
}

func (p *jsonRows) drop() { p.line, p.some = p.line[:0], false }

func (p *jsonRows) end() error {
	if !p.kept && p.first == "" {
		return nil
	}
	_, err := io.WriteString(p.out, p.last)
	return err
}
