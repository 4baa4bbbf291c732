package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Ask runs a query in a database and writes the answer in a format of ClickHouse's. The
// answer is sent when it is complete if it is small; an error in the middle of a large one
// is returned, after a part of it was written.
func (s *Server) Ask(ctx context.Context, sql, format, database string, out io.Writer) error {
	query := url.Values{"default_format": {format}, "database": {database}, "wait_end_of_query": {"1"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.Addr+"/?"+query.Encode(), strings.NewReader(sql))
	if err != nil {
		return err
	}
	req.SetBasicAuth(s.User, s.Password)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		return fmt.Errorf("query: %s", strings.TrimSpace(string(text)))
	}
	_, err = io.Copy(out, resp.Body)
	if err == nil && resp.Trailer.Get(failedTrailer) != "" {
		err = errors.New(resp.Trailer.Get(failedTrailer))
	}
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}
