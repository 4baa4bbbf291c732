package extract

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkDownload reads a file of 64 MB over a real connection, into pages.
func BenchmarkDownload(b *testing.B) {
	var body bytes.Buffer
	for i := 0; body.Len() < 64e6; i++ {
		fmt.Fprintf(&body, `{"resourceType":"Claim","id":"%d","note":"%x","item":[{"sequence":1,"net":{"value":%d.%02d,"currency":"USD"}}]}`+"\n", i, uint64(i+1)*0x9E3779B97F4A7C15, i%977, i%100)
	}
	for _, encoding := range []string{"", "gzip", "zstd"} {
		content := encode(body.Bytes(), encoding, 3)
		server := httptest.NewServer(send(200, string(content), "Content-Encoding", encoding))
		b.Run("encoding="+encoding, func(b *testing.B) {
			c, err := New(Options{BaseURL: server.URL, HTTP: &http.Client{Transport: &http.Transport{DisableCompression: true}}})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(body.Len()))
			buffers := NewBuffers(2)
			for b.Loop() {
				for p, err := range c.Download(fileOf(server.URL, -1)).Pages(b.Context(), buffers) {
					if err != nil {
						b.Fatal(err)
					}
					buffers.Put(p)
				}
			}
		})
		server.Close()
	}
}
