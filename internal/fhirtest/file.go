package fhirtest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// file answers a download (Bulk Data, "Bulk Data Output File Request").
func (s *Server) file(w http.ResponseWriter, x *exchange) error {
	f, err := s.locate(x)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/fhir+ndjson")
	tag := f.tag()
	if x.fault.Truncate > 0 {
		f.length = min(f.length, x.fault.Truncate)
	}
	if x.fault.Other {
		if f, err = s.other(f); err != nil {
			return err
		}
		tag = f.tag()
		x.Header.Del("If-Range")
	}
	if !s.options.NoGzip {
		w.Header().Set("Vary", "Accept-Encoding")
		if acceptsGzip(x.Header) {
			if f, err = s.gzips.of(f); err != nil {
				return err
			}
			tag += "-gzip"
			w.Header().Set("Content-Encoding", "gzip")
		}
	}
	return s.send(w, x, f, tag)
}

// locate finds the file of the URL and checks that the URL has not expired.
func (s *Server) locate(x *exchange) (outputFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.find(x)
	if err != nil {
		return outputFile{}, err
	}
	if x.fault.Expire {
		e.generation++
		e.expired = x.fault.Status
	}
	if x.PathValue("generation") != strconv.Itoa(e.generation) {
		status := e.expired
		if status == 0 {
			status = http.StatusGone
		}
		return outputFile{}, refuse(status, "expired", "the URL has expired: fetch the manifest again")
	}
	all := slices.Concat(e.output, e.deletions, e.outcomes)
	if !e.Done {
		all = e.output[:s.readyPages(e)*s.options.PageFiles] // what no manifest has had is not there
	}
	at := slices.IndexFunc(all, func(f outputFile) bool { return f.name == x.PathValue("name") })
	if at < 0 {
		return outputFile{}, refuse(http.StatusNotFound, "not-found", "the export has no such file")
	}
	if x.fault.First {
		at = 0
	}
	return all[at], nil
}

// tag identifies the content, whatever the URL.
func (f outputFile) tag() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d %d %d", f.content.path, f.content.size, f.content.modified.UnixNano(), f.offset, f.length))
	return fmt.Sprintf("%x", sum[:12])
}

// send writes the file, or the range of it that was asked for.
func (s *Server) send(w http.ResponseWriter, x *exchange, f outputFile, tag string) error {
	st, err := stampOf(f.content.path)
	if err != nil || st.size != f.content.size || !st.modified.Equal(f.content.modified) {
		w.Header().Del("Content-Encoding")
		return refuse(http.StatusGone, "expired", "the data has changed since this export: start a new one")
	}
	content, err := os.Open(f.content.path)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	w.Header().Set("Content-Length", strconv.FormatInt(f.length, 10)) // ServeContent leaves it out of compressed answers
	if s.options.Chunked || x.fault.Bare {
		x.Header.Del("Range")
	} else {
		x.fault.cutRange(x.Header)
		w.Header().Set("ETag", `"`+tag+`"`)
	}
	http.ServeContent(w, x.Request, "", time.Time{}, newSection(content, f.offset, f.length))
	return nil
}

// cutRange makes the range that is asked for no longer than Part; where none is asked
// for, it is the file's beginning.
func (f Fault) cutRange(h http.Header) {
	if f.Part <= 0 {
		return
	}
	var from int64
	_, _ = fmt.Sscanf(h.Get("Range"), "bytes=%d-", &from)
	h.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+f.Part-1))
}

// other writes another version of a file, of the same length: each digit is another.
func (s *Server) other(f outputFile) (outputFile, error) {
	in, err := os.Open(f.content.path)
	if err != nil {
		return f, err
	}
	defer func() { _ = in.Close() }()
	data, err := io.ReadAll(io.NewSectionReader(in, f.offset, f.length))
	if err != nil {
		return f, err
	}
	out, err := os.CreateTemp(s.temp, "other-*.ndjson")
	if err != nil {
		return f, err
	}
	_, err = out.Write(bytes.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '9' - (r - '0')
		}
		return r
	}, data))
	if err = errors.Join(err, out.Close()); err != nil {
		return f, err
	}
	f.content, err = stampOf(out.Name())
	f.offset = 0
	return f, err
}

func acceptsGzip(h http.Header) bool {
	for _, offer := range strings.Split(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, parameters, _ := strings.Cut(offer, ";")
		quality, has := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, err := strconv.ParseFloat(quality, 64)
			return !has || (err == nil && q > 0)
		}
	}
	return false
}
