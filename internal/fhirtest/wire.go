package fhirtest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// wire sends an answer as a fault wants it.
type wire struct {
	http.ResponseWriter
	request *http.Request
	fault   Fault
	begun   bool
	sent    int64 // bytes of the body
	corrupt int64 // place of the byte that is wrong; -1 is none
}

// on returns w where nothing happens on the way.
func (f Fault) on(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if f.StallAt == 0 && f.CutAt == 0 && f.Rate == 0 && !f.Chunked && f.Corrupt == 0 {
		return w
	}
	return &wire{ResponseWriter: w, request: r, fault: f, corrupt: -1}
}

func (w *wire) WriteHeader(status int) {
	w.begun = true
	h := w.Header()
	if length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && h.Get("Content-Encoding") == "gzip" {
		switch w.fault.Corrupt {
		case GzipBody:
			w.corrupt = length / 2
		case GzipTrailer:
			w.corrupt = length - 8
		}
	}
	if w.fault.Chunked {
		h.Del("Content-Length")
		h.Del("Accept-Ranges")
	}
	if w.fault.Bare {
		h.Set("Transfer-Encoding", "identity") // net/http then closes the connection instead
	}
	w.ResponseWriter.WriteHeader(status)
	w.flush() // before net/http can know the length
}

func (w *wire) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	written := 0
	for len(p) > 0 {
		n, err := w.step(p[:w.stride(len(p))])
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// stride is how many of the next n bytes can go before something happens.
func (w *wire) stride(n int) int {
	next := int64(n)
	for _, place := range []int64{w.fault.CutAt, w.fault.StallAt, w.corrupt, w.corrupt + 1} {
		if place > w.sent {
			next = min(next, place-w.sent)
		}
	}
	if w.fault.Rate > 0 {
		next = min(next, max(w.fault.Rate/ticks, 1))
	}
	return int(next)
}

// ticks is how many times a second a slow body moves.
const ticks = 50

func (w *wire) step(p []byte) (int, error) {
	if w.sent == w.corrupt {
		p = slices.Clone(p)
		p[0] ^= 0xff
	}
	n, err := w.ResponseWriter.Write(p)
	w.sent += int64(n)
	if err != nil {
		return n, err
	}
	if w.fault.Rate > 0 {
		w.flush()
		pause(w.request, time.Duration(n)*time.Second/time.Duration(w.fault.Rate))
	}
	switch w.sent {
	case w.fault.CutAt:
		w.flush()
		panic(http.ErrAbortHandler)
	case w.fault.StallAt:
		w.flush()
		pause(w.request, w.fault.Stall)
	}
	return n, nil
}

func (w *wire) flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // the client is gone: the next write tells
}
