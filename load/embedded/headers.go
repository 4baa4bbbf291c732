package embedded

import (
	"net/http"
	"strings"
)

// setHeaders says what ClickHouse's clients look for in an answer.
func setHeaders(w http.ResponseWriter, req *request) {
	h := w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", "claimlake")
	h.Set("X-ClickHouse-Timezone", "UTC")
	h.Set("X-ClickHouse-Query-Id", req.queryID)
	format := req.statement.format
	if format == "" || req.insert {
		format = req.format
	}
	h.Set("X-ClickHouse-Format", format)
	h.Set("Content-Type", contentType(format))
}

// contentType is the media type of an output format.
func contentType(format string) string {
	f := strings.ToLower(format)
	switch {
	case strings.HasPrefix(f, "jsoneachrow"), strings.HasPrefix(f, "jsoncompacteachrow"):
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(f, "csvwithnames"):
		return "text/csv; charset=UTF-8; header=present"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=absent"
	case strings.HasPrefix(f, "tabseparated"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case strings.HasPrefix(f, "pretty"), f == "vertical":
		return "text/plain; charset=UTF-8"
	}
	return "application/octet-stream"
}
