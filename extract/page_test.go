package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/lineage"
)

// readAll reads all pages of src from a position on.
func readAll(src io.Reader, from Position) ([]lineage.Page, error) {
	var pages []lineage.Page
	for p, err := range NewPageReader(src, from, NewBuffers(2)).Pages() {
		if err != nil {
			return pages, err
		}
		p.Data = bytes.Clone(p.Data)
		pages = append(pages, p)
	}
	return pages, nil
}

func TestPages(t *testing.T) {
	short := strings.Repeat("{}\n", lineage.MaxPageLines)
	wide := strings.Repeat("x", lineage.MaxPageBytes/2) + "\n"
	for name, tc := range map[string]struct {
		in    string
		lines []int
	}{
		"an empty file has none":                        {"", nil},
		"the last line needs no end":                    {"a\nb", []int{2}},
		"an empty line is a line":                       {"a\n\nb\n", []int{3}},
		"a page ends after its number of lines":         {short + "a\n", []int{lineage.MaxPageLines, 1}},
		"or its number of bytes, at the line's end":     {wide + wide + wide, []int{1, 1, 1}},
		"a line longer than a page is a page of itself": {"a\n" + strings.Repeat("x", 2*lineage.MaxPageBytes) + "\nb\n", []int{1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			pages, err := readAll(strings.NewReader(tc.in), Start)
			if err != nil || len(pages) != len(tc.lines) {
				t.Fatalf("%d pages, %v; want %v", len(pages), err, tc.lines)
			}
			var joined []byte
			at := Start
			for i, p := range pages {
				if p.Lines != tc.lines[i] || p.First != at.Line || p.Offset != at.Offset {
					t.Errorf("page %d: %d lines at %d, %d; want %d at %v", i, p.Lines, p.First, p.Offset, tc.lines[i], at)
				}
				joined, at = append(joined, p.Data...), After(p)
			}
			if string(joined) != tc.in {
				t.Errorf("%d bytes came back of %d", len(joined), len(tc.in))
			}
		})
	}
}

func TestTooLongLineIsCutAndItsNeighboursAreNot(t *testing.T) {
	const length = lineage.MaxLineBytes + 3*chunkBytes/2
	for name, end := range map[string]string{"inside the file": "\nb\n", "at its end": ""} {
		pages, err := readAll(strings.NewReader("a\n"+strings.Repeat("x", length)+end), Start)
		if err != nil || len(pages) < 2 {
			t.Fatalf("%s: %d pages, %v", name, len(pages), err)
		}
		long := pages[1]
		if n := len(bytes.TrimSuffix(long.Data, newline)); n != lineage.MaxLineBytes+1 || long.Dropped != length-int64(n) {
			t.Errorf("%s: %d bytes kept, %d dropped", name, n, long.Dropped)
		}
		if end != "" && (string(pages[2].Data) != "b\n" || pages[2].First != 3 || pages[2].Offset != 2+length+1) {
			t.Errorf("%s: then %+v", name, pages[2])
		}
	}
}

func TestBrokenFileGivesItsWholePagesFirst(t *testing.T) {
	for name, broken := range map[string]error{
		"an error":                   errors.New("broken"),
		"a short file":               io.ErrUnexpectedEOF,
		"an error that wraps io.EOF": fmt.Errorf("connection: %w", io.EOF),
	} {
		page := strings.Repeat("{}\n", lineage.MaxPageLines)
		long := strings.Repeat("x", lineage.MaxLineBytes+chunkBytes)
		for _, rest := range []string{"", "a\nb\nhalf", "a\nb\n", long} {
			pages, err := readAll(io.MultiReader(strings.NewReader(page+rest), iotest.ErrReader(broken)), Start)
			if !errors.Is(err, broken) || len(pages) != 1 || string(pages[0].Data) != page {
				t.Errorf("%s: %d pages, %v", name, len(pages), err)
			}
		}
	}
}

// Read again from the start of any page, the pages are the same.
func TestPagesDoNotDependOnWhereReadingBegan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 40, lineage.MaxPageBytes / 3, lineage.MaxPageBytes/2 - 1, lineage.MaxPageBytes}).Draw(t, "length")) + "\n"
		})
		text := strings.Join(rapid.SliceOfN(line, 1, 4).Draw(t, "lines"), "") + strings.Repeat("{}\n", rapid.IntRange(0, 2*lineage.MaxPageLines).Draw(t, "more"))
		all, err := readAll(strings.NewReader(text), Start)
		if err != nil {
			t.Fatal(err)
		}
		k := rapid.IntRange(0, len(all)-1).Draw(t, "page")
		from := Position{Line: all[k].First, Offset: all[k].Offset}
		again, err := readAll(iotest.HalfReader(strings.NewReader(text[from.Offset:])), from)
		if err != nil || len(again) != len(all)-k {
			t.Fatalf("%d pages, %v; want %d", len(again), err, len(all)-k)
		}
		for i, p := range again {
			if want := all[k+i]; p.First != want.First || p.Offset != want.Offset || !bytes.Equal(p.Data, want.Data) {
				t.Errorf("page %d differs", k+i)
			}
		}
	})
}
