package transform

import (
	"strconv"

	"github.com/tidwall/gjson"
)

// chunk is some lines of a page that were scanned and are being converted.
type chunk struct {
	*arena
	page    []byte
	side    []byte // values that do not stand in the page as they are
	lines   []lineInfo
	table   *tablePlan // the current one
	rows    []row      // of the current table
	only    int32      // their source; none where they have several
	first   int        // how many rows the table has from the chunks before
	above   [][]int32  // by frames up from the row: the frames' ordinals, by row
	places  []int32    // the rows of frames, by ordinal, for the source that placed says
	placed  int        // -1: places is for none
	live    []live     // of the current column
	hits    []cell     // of the current column
	found   []cell     // room for hits
	scratch []byte
	inside  containedIndex
	last    evaluated
}

func (c *chunk) reset() {
	c.lines, c.side = c.lines[:0], c.side[:0]
	c.inside.scope, c.inside.frames = nil, nil
	c.last.of = nil
}

// chosen leaves those of rows whose conditions hold.
func (c *chunk) chosen(t *tablePlan, rows []row) []row {
	kept := rows[:0]
	for _, r := range rows {
		if c.holds(t.conditions[r.source], r.frame) {
			kept = append(kept, r)
		}
	}
	return kept
}

func (c *chunk) holds(conditions []condition, index int32) bool {
	for _, cond := range conditions {
		fr := c.ancestor(index, c.frames[index].scope.level-cond.level)
		if !c.slot(fr, cond.slot).present() {
			return false
		}
	}
	return true
}

// try gives the value of one alternative, and whether it is the one to take.
func (c *chunk) try(a *alternative, index int32) (span, bool) {
	fr := c.ancestor(index, a.up)
	if a.inside != nil {
		if fr = c.containedFrame(a, fr, index); fr == nil {
			return span{}, false
		}
	}
	switch {
	case a.pseudo != "":
		return c.pseudo(a.pseudo, fr), true
	case a.rest != "":
		sp := c.viaGJSON(a, fr)
		return sp, sp.present()
	}
	return c.slot(fr, a.slot), c.slot(fr, a.base).present()
}

func (c *chunk) pseudo(name string, fr *frame) span {
	switch name {
	case pseudoLevel:
		return span{start: uint32(fr.scope.level), kind: kindCount}
	case pseudoPosition:
		return span{start: uint32(fr.position), kind: kindCount}
	}
	start := len(c.side)
	c.appendPath(fr)
	return span{start: uint32(start), end: uint32(len(c.side)), kind: kindText, side: true}
}

func (c *chunk) appendPath(fr *frame) {
	if fr.parent < 0 {
		return
	}
	if c.appendPath(&c.frames[fr.parent]); c.frames[fr.parent].parent >= 0 {
		c.side = append(c.side, '.')
	}
	c.side = strconv.AppendUint(c.side, uint64(fr.position), 10)
}

// viaGJSON evaluates a path that the scan does not know. If the key of the value
// before it came twice, gjson may find the rest after the second one, so it gets
// the whole element.
func (c *chunk) viaGJSON(a *alternative, fr *frame) span {
	on, rest := c.slot(fr, a.slot), a.rest
	if on.repeated {
		on, rest = c.slot(fr, a.elem), a.whole
	}
	if on.kind != kindObject && on.kind != kindArray {
		return span{}
	}
	if c.last.of != a || c.last.start != on.start {
		c.last = evaluated{of: a, start: on.start, value: c.sideValue(gjson.Get(view(c.page[on.start:on.end]), rest)), times: c.last.times + 1}
	}
	return c.last.value
}

// evaluated is what gjson gave last. The rows below an element ask for the same one
// after the other, and the element may be as long as the line.
type evaluated struct {
	of    *alternative // nil: nothing
	start uint32       // of the element in the page
	value span
	times int // for tests
}

// sideValue copies a value that gjson found or made.
func (c *chunk) sideValue(r gjson.Result) span {
	if !r.Exists() {
		return span{}
	}
	raw := r.Raw
	if raw == "" {
		raw = r.String()
	}
	sp := span{start: uint32(len(c.side)), side: true, kind: kindOf(raw)}
	c.side = append(c.side, raw...)
	sp.end = uint32(len(c.side))
	if sp.kind == kindText {
		sp.start, sp.end = sp.start+1, sp.end-1
		for _, b := range c.side[sp.start:sp.end] {
			sp.escaped = sp.escaped || b == '\\'
		}
	}
	return sp
}

// kindOf is the kind of JSON text that gjson gave.
func kindOf(raw string) valueKind {
	switch {
	case raw == "" || raw[0] == 'n':
		return kindNull
	case raw[0] == '{':
		return kindObject
	case raw[0] == '[':
		return kindArray
	case raw[0] == '"' && len(raw) > 1:
		return kindText
	case raw[0] == 't':
		return kindTrue
	case raw[0] == 'f':
		return kindFalse
	}
	return kindNumber
}

// raw gives the bytes of a value as they stand: of a string, what is between its
// quotes.
func (c *chunk) raw(sp span) []byte {
	if sp.side {
		return c.side[sp.start:sp.end]
	}
	return c.page[sp.start:sp.end]
}

// text gives the decoded text of a string, good until the next call.
func (c *chunk) text(sp span) []byte {
	if !sp.escaped {
		return c.raw(sp)
	}
	c.scratch = appendUnescaped(c.scratch[:0], c.raw(sp))
	return c.scratch
}

// lineOf is the line of a current row.
func (c *chunk) lineOf(i int) *lineInfo { return &c.lines[c.frames[c.rows[i].frame].line] }

func countText(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
