package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/load/embedded"
)

// serveLake serves a lake's warehouse until the test ends, and gives a configuration whose
// commands ask there: a lake that is asked much needs one engine then.
func serveLake(t *testing.T, lake string) (config string) {
	t.Helper()
	dir := t.TempDir()
	password := put(t, filepath.Join(dir, "password"), "open")
	serving, stop := context.WithCancel(context.Background())
	said, in := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- runOn(serving, []string{"warehouse", "--lake", lake, "--listen", "127.0.0.1:0", "--password-file", password}, in, in)
	}()
	line := make([]byte, 500)
	n, err := said.Read(line)
	address := regexp.MustCompile(`127[0-9.]+:[0-9]+`).FindString(string(line[:n]))
	if err != nil || address == "" {
		stop()
		t.Fatalf("%s: %v", line[:n], err)
	}
	go io.Copy(io.Discard, said) //nolint:errcheck // ends with the command
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return put(t, filepath.Join(dir, "claimlake.yaml"), "source: {name: payer, url: 'https://fhir.example.org'}\nlake: {dir: "+lake+"}\n"+
		"warehouse: {mode: server, address: '"+address+"', protocol: http, user: claimlake, password_file: "+password+"}\n")
}

// What a BI tool asks of the served warehouse is in the trail.
func TestServedStatementsAreAudited(t *testing.T) {
	dir := t.TempDir()
	lake := newLake(t, filepath.Join(dir, "lake"))
	if code, _, problems := command(t, "flatten", "--lake", lake, put(t, filepath.Join(dir, "in.ndjson"), goodClaim)); code != exitDone {
		t.Fatal(problems)
	}
	serving, stop := context.WithCancel(t.Context())
	said, in := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- runOn(serving, []string{"warehouse", "--lake", lake, "--listen", "127.0.0.1:0", "--password-file", put(t, filepath.Join(dir, "password"), "open")}, in, in)
	}()
	line := make([]byte, 500)
	n, err := said.Read(line)
	address := regexp.MustCompile(`127[0-9.]+:[0-9]+`).FindString(string(line[:n]))
	if err != nil || address == "" {
		t.Fatalf("%s: %v", line[:n], err)
	}
	go io.Copy(io.Discard, said) //nolint:errcheck // ends with the command
	const sql = "SELECT count() FROM claimlake.claim"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("claimlake", "open")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || string(body) != "1\n" {
		t.Errorf("%s, %v", body, err)
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if found := holds(t, filepath.Join(lake, "audit"), embedded.Fingerprint(sql)); len(found) != 1 {
		t.Errorf("not in the trail: %q", found)
	}
	if code, out, problems := command(t, "audit", "verify", "--lake", lake); code != exitDone {
		t.Error(out, problems)
	}
}
