package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Download is one file on its way. It is used by one goroutine, once.
type Download struct {
	client *Client
	file   File
	from   Mark
	begun  time.Time
	end    Position
	stream *stream

	version atomic.Value // string: of the bytes that Save has read
}

// Download prepares to read a file. It asks the server nothing yet.
func (c *Client) Download(f File) *Download {
	return &Download{client: c, file: f, end: Start}
}

// From makes Pages begin at a mark, as pages had it that were read of the same file
// earlier, if the server still has that version of the file and sends parts of it.
// Else they begin at the start.
func (d *Download) From(m Mark) *Download {
	d.from = m
	return d
}

// Pages yields the file's pages in order. Their Origin lacks Source and RunID. The
// error ends them; it is an *Error or the context's. One of Options.Downloads is
// taken until the loop ends. The lines that name an organized file's blocks are
// blanked, so that lines and offsets are still the file's.
func (d *Download) Pages(ctx context.Context, b *Buffers) iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		s := d.open(ctx)
		defer s.Close()
		s.sum = sha256.New()
		at, err := s.begin(d.from)
		if err != nil {
			yield(lineage.Page{}, err)
			return
		}
		d.end = at
		for p, err := range NewPageReader(s, at, b).Pages() {
			if err == nil {
				err = context.Cause(ctx)
			}
			if err != nil {
				yield(lineage.Page{}, err)
				return
			}
			d.end = After(p)
			p.Origin = lineage.Origin{FileID: d.file.ID, RetrievedAt: d.begun, TransactionTime: d.file.TransactionTime}
			p.ResourceType, p.Token = d.file.Type, s.version()
			if d.file.organized {
				blankHeaders(p.Data)
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (d *Download) open(ctx context.Context) *stream {
	d.begun = time.Now().UTC()
	d.stream = d.client.stream(ctx, d.file)
	return d.stream
}

// Transfer is what a download was like.
type Transfer struct {
	Whole     bool      // the end was reached, and something shows that it is one
	Retrieved time.Time // when the file was requested, UTC
	Bytes     int64     // decoded, up to where it is read; those before its mark counted
	WireBytes int64     // received, encoded, with those received again
	Lines     int64     // up to the end of the last page
	SHA256    string    // of the decoded bytes, hex; "" where Pages did not read all of them
	Server    string    // Server header of the last answer
	Retries   int
	// Problems are what the manifest announced and the file is not. They are no failure
	// of the file, since servers are known to count wrong: whether readers may see a
	// file with less is for the caller to say.
	Problems []string
	// Short says why a file that ended may not be whole: it has less than was announced,
	// or nothing although it is listed. "" for no reason.
	Short string
	// FewLines says that Short is about the announced count, which the caller may know.
	FewLines bool
}

// Transfer is what the download was like so far.
func (d *Download) Transfer() Transfer {
	t := Transfer{Retrieved: d.begun, Lines: d.end.Line - 1}
	s := d.stream
	if s == nil {
		return t
	}
	t.Whole, t.Bytes = s.proof != unproven, s.at
	if s.base == 0 && s.sum != nil {
		t.SHA256 = hex.EncodeToString(s.sum.Sum(nil))
	}
	t.WireBytes, t.Server, t.Retries = s.received, s.server, s.client.o.FileRetries-s.tries.left
	if t.Whole && d.file.Count >= 0 && d.file.Count != t.Lines && !d.file.organized {
		t.Problems = append(t.Problems, fmt.Sprintf("the manifest announced %d resources, the file has %d lines", d.file.Count, t.Lines))
	}
	if t.Whole && d.file.Size >= 0 && d.file.Size != t.Bytes && d.file.Size != s.received {
		t.Problems = append(t.Problems, fmt.Sprintf("the manifest announced %d bytes, the file has %d", d.file.Size, t.Bytes))
	}
	if t.Whole {
		t.Short, t.FewLines = s.shortage(), s.fewLines()
	}
	if t.Whole && d.file.Kind == Output && d.file.Count < 0 && s.at == 0 {
		t.Short = "the manifest lists the file, and nothing is in it"
	}
	return t
}
