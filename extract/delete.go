package extract

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Delete tells the server that the export is cancelled, or no longer needed
// (Bulk Data, "Delete Request"). Call it only when everything is durable. An
// export that the server no longer knows is deleted. The error is an
// *Error or the context's.
func (c *Client) Delete(ctx context.Context, job Job) error {
	status, err := url.Parse(job.StatusURL)
	if err != nil || status.Host == "" {
		return &Error{Class: Request, Doing: "delete the export", Err: errors.New("its status URL is not absolute")}
	}
	res, err := c.do(ctx, call{doing: "delete the export", method: http.MethodDelete, url: status, header: accept("application/fhir+json")})
	if errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	return res.Body.Close()
}
