package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/fhirtest"
)

// demoClient is the id under which the demo's server knows claimlake.
const demoClient = "claimlake-demo"

func newDemoServerCmd() *cobra.Command {
	var data, listen, client string
	cmd := &cobra.Command{
		Use:   "server",
		Short: "Serve a folder of NDJSON as a FHIR Bulk Data server",
		Long: `Serve a folder of NDJSON by $export and paged search until Ctrl-C. With --client, register
a SMART Backend Services client and write its private key and a claimlake.yaml into that
folder; without it the server asks for no token. For trials only, not for patient data.`,
		Example: `  claimlake demo server --data day1 --client client
  claimlake sync --config client/claimlake.yaml`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if data == "" {
				return usagef("--data: name a folder with NDJSON files")
			}
			s, err := startDemoServer(cmd.Context(), data, listen, client)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "FHIR server on %s\n", s.url); err != nil {
				return err
			}
			if client != "" {
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), "try: claimlake sync --config %s\n", filepath.Join(client, defaultConfig))
			}
			<-cmd.Context().Done()
			return s.close()
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "folder of the NDJSON files")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8090", "loopback address to serve on")
	cmd.Flags().StringVar(&client, "client", "", "folder for the client's key and claimlake.yaml")
	return cmd
}

// demoServer is a running FHIR server.
type demoServer struct {
	url  string
	http *http.Server
	fhir *fhirtest.Server
}

// startDemoServer serves the folder data. With a folder client, only those may
// ask who have the key that is in there.
func startDemoServer(ctx context.Context, data, listen, client string) (*demoServer, error) {
	if host, _, err := net.SplitHostPort(listen); err != nil || !net.ParseIP(host).IsLoopback() {
		return nil, usagef("--listen %s: want a loopback address with a port, such as 127.0.0.1:8090", listen)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another port with --listen", listen, err)
	}
	o := fhirtest.Options{Dir: data, Polls: 1, RetryAfter: "1", FileBytes: 32 << 20}
	s := &demoServer{url: "http://" + l.Addr().String()}
	if client != "" {
		if o.Clients, err = registerClient(client, s.url); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	if s.fhir, err = fhirtest.New(o); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.http = &http.Server{Handler: s.fhir, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(l) }()
	return s, nil
}

func (s *demoServer) close() error { return errors.Join(s.http.Close(), s.fhir.Close()) }

// registerClient makes a client with a new key; its key and a configuration for
// the server at url are written into dir.
func registerClient(dir, url string) ([]fhirtest.Client, error) {
	key, err := smart.GenerateKey("ES384")
	if err != nil {
		return nil, err
	}
	public, err := smart.PublicJWKS(key)
	if err != nil {
		return nil, err
	}
	private, err := key.PEM()
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(`source:
  name: demo
  url: %s
  auth:
    type: smart
    client_id: %s
    key_file: %s
    key_id: %s
lake:
  dir: %s
`, url, demoClient, filepath.Join(dir, "key.pem"), key.ID, filepath.Join(dir, "lake"))
	err = errors.Join(
		os.MkdirAll(dir, 0o700),
		os.WriteFile(filepath.Join(dir, "key.pem"), private, 0o600),
		os.WriteFile(filepath.Join(dir, defaultConfig), []byte(config), 0o600),
	)
	if err != nil {
		return nil, fmt.Errorf("write the client's key and configuration: %w", err)
	}
	return []fhirtest.Client{{ID: demoClient, JWKS: public}}, nil
}
