package clickhouse

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// code is the number of ClickHouse's error in err; 0 when there is none.
func code(err error) int32 {
	var e *ch.Exception
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// terse is err without ClickHouse's text, which may quote a value of a row.
func terse(err error) error {
	var e *ch.Exception
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e) && e.CodeName != "":
		return fmt.Errorf("ClickHouse error %d (%s)", e.Code, e.CodeName)
	case errors.As(err, &e):
		return fmt.Errorf("ClickHouse error %d", e.Code)
	}
	return withoutURL(err)
}

// withoutURL is err without the request's URL, whose query is long and of no
// use to the reader.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// passing are the errors of a server that is overloaded or away for a moment:
// timeout, too many queries, network, memory limit, read-only replica, too
// many parts, unknown outcome of an insert, keeper.
var passing = []int32{159, 202, 203, 209, 210, 241, 242, 252, 319, 999}

// passes reports whether the same request may succeed later. Everything that
// is not ClickHouse's own answer is the network's.
func passes(err error) bool {
	c := code(err)
	return c == 0 || slices.Contains(passing, c)
}
