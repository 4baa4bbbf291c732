package embedded

import (
	"crypto/rand"
	"net/http"

	"github.com/ClickHouse/ch-go/compress"
)

// result is the body of an answer, packed into ClickHouse's LZ4 blocks when
// the client asked for them.
type result struct {
	out     http.ResponseWriter
	pack    *compress.Writer // nil: as it is
	tag     string           // marks an error in the middle of the result
	started bool             // the status is sent
}

func newResult(w http.ResponseWriter, packed bool) *result {
	r := &result{out: w, tag: rand.Text()[:16]}
	if packed {
		r.pack = compress.NewWriter(compress.LevelZero, compress.LZ4)
	}
	w.Header().Set("X-ClickHouse-Exception-Tag", r.tag)
	return r
}

// Write sends p, as one LZ4 block where blocks are wanted.
func (r *result) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.started = true
	if r.pack == nil {
		return r.out.Write(p)
	}
	if err := r.pack.Compress(p); err != nil {
		return 0, err
	}
	_, err := r.out.Write(r.pack.Data)
	return len(p), err
}
