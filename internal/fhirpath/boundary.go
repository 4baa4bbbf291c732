package fhirpath

import (
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

func lowBoundary(_ call, on []Value, _ *env) ([]Value, error) { return boundary(on, low) }

func highBoundary(_ call, on []Value, _ *env) ([]Value, error) { return boundary(on, high) }

type side int

const (
	low  side = -1
	high side = 1
)

// boundary is the least or greatest value that one with more precision could have
// (FHIRPath, "lowBoundary" and "highBoundary").
func boundary(on []Value, to side) ([]Value, error) {
	if len(on) == 0 {
		return nil, nil
	}
	if len(on) > 1 {
		return nil, errors.New("wants one item")
	}
	switch v := on[0].dated(); v.kind {
	case kindNumber:
		half := decimal.New(5, -int32(digits(v.text))-1).Mul(decimal.NewFromInt(int64(to)))
		return []Value{number(v.num.Add(half))}, nil
	case kindTemporal:
		return []Value{v.temporalBoundary(to)}, nil
	default:
		return nil, errors.New("wants a decimal, a date or a time")
	}
}

// dated is v as a number, date or time. A string whose type is not known is a date,
// with a T a dateTime, or a time.
func (v Value) dated() Value {
	p := v.primitive()
	if p.kind != kindString || p.typ != "" {
		return p
	}
	typ := "date"
	switch {
	case strings.Contains(p.text, "T"):
		typ = "dateTime"
	case len(p.text) > 2 && p.text[2] == ':':
		typ = "time"
	}
	if t, ok := parseTemporal(p.text, typ); ok {
		return Value{kind: kindTemporal, typ: typ, text: p.text, time: t}
	}
	return p
}

// Where a dateTime has no zone, its boundaries are in the first and the last zone.
const (
	firstZone = "+14:00"
	lastZone  = "-12:00"
)

func (v Value) temporalBoundary(to side) Value {
	zone := ""
	switch {
	case v.typ == "date" || v.typ == "time":
	case !v.time.zoned && to == low:
		zone = firstZone
	case !v.time.zoned:
		zone = lastZone
	default:
		zone = v.text[strings.LastIndexAny(v.text, "Z+-"):]
	}
	local := v.time.at
	if z, err := time.Parse("Z07:00", zone); err == nil && v.time.zoned {
		local = local.In(z.Location())
	}
	if to == high {
		local = v.time.end(local)
	}
	layout := "2006-01-02T15:04:05.000"
	switch v.typ {
	case "date":
		layout = time.DateOnly
	case "time":
		layout = "15:04:05.000"
	}
	v.text = local.Format(layout) + zone
	v.time, _ = parseTemporal(v.text, v.typ)
	return v
}

// end is the last millisecond of t's precision, which begins at from.
func (t temporal) end(from time.Time) time.Time {
	next := from
	switch t.last {
	case year:
		next = from.AddDate(1, 0, 0)
	case month:
		next = from.AddDate(0, 1, 0)
	case day:
		next = from.AddDate(0, 0, 1)
	case minute:
		next = from.Add(time.Minute)
	case second:
		if from.Nanosecond() != 0 {
			return from
		}
		next = from.Add(time.Second)
	}
	return next.Add(-time.Millisecond)
}
