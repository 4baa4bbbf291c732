package clickhouse

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

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

// ofStatement are the errors that a statement makes before it reads a row: names, types,
// numbers of arguments, aggregation, rights, joins, syntax.
var ofStatement = []int32{16, 42, 43, 46, 47, 50, 53, 60, 62, 63, 81, 115, 164, 179, 184, 207, 215, 352, 386, 403, 497, 516}

// literals are what a statement may name of a patient: texts, also such as do not end,
// and numbers. All that is after the tag of a heredoc ($tag$…$tag$) is taken for one.
var literals = regexp.MustCompile(`'(?:[^'\\]|\\.)*(?:'|$)|\$\w*\$(?s:.*)|\b[0-9][0-9.]*\b`)

// wordOf is a part of a literal that a message may have on its own.
var wordOf = regexp.MustCompile(`[\pL\pN]{3,}`)

// explained is err for who wrote the statement: ClickHouse's text where the statement
// alone made it, without the statement's literals; else only what kind it is, since the
// text may quote a value of a row.
func explained(err error, statement string) error {
	var e *ch.Exception
	if !errors.As(err, &e) || !slices.Contains(ofStatement, e.Code) {
		return terse(err)
	}
	text := e.Message
	if e.Code == syntaxError {
		text = position.FindString(text) // the rest is the statement's
	}
	for _, literal := range literals.FindAllString(statement, -1) {
		for _, word := range wordOf.FindAllString(literal, -1) {
			text = strings.ReplaceAll(text, word, "…")
		}
	}
	return fmt.Errorf("%w: %s", terse(err), text)
}

const syntaxError = 62

var position = regexp.MustCompile(`(?i)failed at position [0-9]+( \(end of query\))?`)

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
