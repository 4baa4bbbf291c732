package embedded

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// status gives the HTTP status of a ClickHouse error code, as a server does
// (ClickHouse, HTTPHandler); what is not here is 500.
var status = map[int]int{
	6: http.StatusBadRequest, 26: http.StatusBadRequest, 27: http.StatusBadRequest, 33: http.StatusBadRequest,
	36: http.StatusBadRequest, 38: http.StatusBadRequest, 41: http.StatusBadRequest, 43: http.StatusBadRequest,
	53: http.StatusBadRequest, 62: http.StatusBadRequest, 72: http.StatusBadRequest, 117: http.StatusBadRequest, 457: http.StatusBadRequest,
	46: http.StatusNotFound, 47: http.StatusNotFound, 50: http.StatusNotFound, 60: http.StatusNotFound,
	73: http.StatusNotFound, 81: http.StatusNotFound, 115: http.StatusNotFound,
	159: http.StatusRequestTimeout, 160: http.StatusRequestTimeout,
	164: http.StatusForbidden, 497: http.StatusForbidden,
	194: http.StatusUnauthorized, 516: http.StatusUnauthorized,
	48:  http.StatusNotImplemented,
	202: http.StatusServiceUnavailable, 209: http.StatusServiceUnavailable, 210: http.StatusServiceUnavailable,
}

// codeOf reads the number of "Code: 62. DB::Exception: …"; 1002 (unknown
// exception) when there is none.
func codeOf(text string) int {
	digits, _, _ := strings.Cut(strings.TrimPrefix(text, "Code: "), ".")
	if code, err := strconv.Atoi(digits); err == nil {
		return code
	}
	return 1002
}

// exception makes an error in ClickHouse's own form, by which its clients read
// the code.
func exception(code int, name, format string, args ...any) error {
	return fmt.Errorf("Code: %d. DB::Exception: %w. (%s)", code, fmt.Errorf(format, args...), name) //nolint:staticcheck // ClickHouse's form
}

// fail answers with a ClickHouse error before any of the result was written. A client that
// asked for ClickHouse's blocks reads the error as one, but where it is refused.
func fail(w http.ResponseWriter, err error, blocks bool) {
	code := codeOf(err.Error())
	h := w.Header()
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(code))
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	if code == 516 {
		h.Set("WWW-Authenticate", `Basic realm="claimlake"`)
	}
	s, ok := status[code]
	if !ok {
		s = http.StatusInternalServerError
	}
	if s == http.StatusForbidden || s == http.StatusUnauthorized {
		blocks = false
	}
	w.WriteHeader(s)
	_, _ = packer(w, "", blocks).Write(fmt.Appendln(nil, err))
}

// frame is an error in the middle of a result, when the status was sent
// before: clients know it by the tag, which the response's header announced.
func frame(tag string, err error) []byte {
	text := err.Error()
	return fmt.Appendf(nil, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", tag, text, len(text)+1, tag)
}
