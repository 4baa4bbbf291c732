package embedded

import (
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// How much of a result is held back, so that a query that fails early fails with its own
// status, and a small result's headers say all of it: usually, and with wait_end_of_query.
const (
	heldUsually = 1 << 20
	heldToEnd   = 64 << 20
)

// result is the body of an answer, packed as the client asked.
type result struct {
	out     http.ResponseWriter
	held    []byte
	limit   int    // of held
	tag     string // marks an error in the middle of the result
	started bool   // the status is sent

	progress bool           // the client asked for progress
	encoding string         // of HTTP; "" for none
	blocks   bool           // ClickHouse's LZ4 blocks
	pack     io.WriteCloser // the body, when started
}

func newResult(w http.ResponseWriter, r *http.Request, req *request) *result {
	out := &result{out: w, limit: heldUsually, tag: rand.Text()[:16], blocks: req.compress}
	if req.waitEnd {
		out.limit = heldToEnd
	}
	out.progress = slices.Contains(req.settings, param{"send_progress_in_http_headers", "1"})
	if !req.compress && req.httpCompression {
		out.encoding = encodingOf(r.Header.Get("Accept-Encoding"))
	}
	return out
}

// Write takes a piece of the result.
func (r *result) Write(p []byte) (int, error) {
	if !r.started && len(r.held)+len(p) <= r.limit {
		r.held = append(r.held, p...)
		return len(p), nil
	}
	if err := r.start(); err != nil {
		return 0, err
	}
	return r.pack.Write(p)
}

// start sends the status and what is held.
func (r *result) start() error {
	if r.started {
		return nil
	}
	r.started = true
	h := r.out.Header()
	h.Set("X-ClickHouse-Exception-Tag", r.tag)
	if h.Get(summaryHeader) == "" {
		h.Set(summaryHeader, stats{}.summary())
	}
	if r.encoding != "" {
		h.Set("Content-Encoding", r.encoding)
	}
	r.pack = packer(r.out, r.encoding, r.blocks)
	held := r.held
	r.held = nil
	_, err := r.pack.Write(held)
	return err
}

// end sends the rest. An error goes into the result's end when its status is sent;
// otherwise it is returned, and nothing is sent.
func (r *result) end(s stats, err error) error {
	if err != nil && !r.started {
		return err
	}
	if err != nil {
		_, _ = r.pack.Write(frame(r.tag, err))
		_ = r.pack.Close()
		r.out.Header().Set(http.TrailerPrefix+failedTrailer, strings.Join(strings.Fields(err.Error()), " "))
		return nil
	}
	if !r.started {
		h := r.out.Header()
		h.Set(summaryHeader, s.summary())
		if r.progress { // the whole of it: Go sends headers at once
			h.Set("X-ClickHouse-Progress", s.summary())
		}
		if len(r.held) == 0 {
			r.encoding = ""
		}
		if err := r.start(); err != nil {
			return nil //nolint:nilerr // the client has gone
		}
	}
	_ = r.pack.Close()
	return nil
}

// failedTrailer comes after a result with an error in the middle, for Ask.
const failedTrailer = "X-Claimlake-Exception"

const summaryHeader = "X-ClickHouse-Summary"

// summary is the header of that name.
func (s stats) summary() string {
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"0","total_rows_to_read":"%d","result_rows":"%d","result_bytes":"%d","elapsed_ns":"%d"}`,
		s.read, s.readBytes, s.written, s.read, s.rows, s.bytes, s.elapsed.Nanoseconds())
}

// encodingOf chooses among what a client accepts; "" for none of ours.
func encodingOf(accepted string) string {
	for _, ours := range []string{"zstd", "lz4", "gzip"} {
		for one := range strings.SplitSeq(accepted, ",") {
			name, weight, _ := strings.Cut(one, ";")
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			if strings.TrimSpace(name) == ours && (err != nil || q > 0) {
				return ours
			}
		}
	}
	return ""
}

// packer packs what is written into out.
func packer(out io.Writer, encoding string, blocks bool) io.WriteCloser {
	switch {
	case blocks:
		return &blockWriter{out: out, pack: compress.NewWriter(compress.LevelZero, compress.LZ4)}
	case encoding == "zstd":
		if w, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1)); err == nil {
			return w
		}
	case encoding == "lz4":
		return lz4.NewWriter(out)
	case encoding == "gzip":
		return gzip.NewWriter(out)
	}
	return plain{out}
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// blockWriter packs each piece as one of ClickHouse's LZ4 blocks.
type blockWriter struct {
	out  io.Writer
	pack *compress.Writer
}

func (w *blockWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := w.pack.Compress(p); err != nil {
		return 0, err
	}
	_, err := w.out.Write(w.pack.Data)
	return len(p), err
}

func (*blockWriter) Close() error { return nil }
