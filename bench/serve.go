package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/claimlake/claimlake/internal/fhirtest"
)

// serveChild serves a folder as a Bulk Data server, until it is killed: serve DIR
// ENCODING BYTES, the last being about how long a file of an export is. It prints where.
func serveChild(_ context.Context, args []string) error {
	length, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return err
	}
	s, err := fhirtest.New(fhirtest.Options{Dir: args[0], FileBytes: length, NoGzip: args[1] != "gzip"})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	return http.Serve(l, s) //nolint:gosec // a benchmark's
}

// startServer serves a folder in a process of its own.
func startServer(ctx context.Context, dir, encoding string, fileBytes int64) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", dir, encoding, strconv.FormatInt(fileBytes, 10))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start the server: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}
