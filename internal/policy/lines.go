package policy

import (
	"bytes"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
)

// findInLines looks for labels and codes in all that resources have, whether or not it
// reaches a column: in second codings, whose system no column has, in contained resources,
// extensions and texts.
func (p *Policy) findInLines(page lineage.Page, batches []arrow.Record, in found) {
	some := map[int64]bool{} // of which there are rows
	for _, b := range batches {
		deleted, _ := b.Column(b.Schema().FieldIndices(lineage.Deleted)[0]).(*array.Boolean)
		for row, lines := 0, linesOf(b); row < lines.Len(); row++ {
			if !deleted.Value(row) {
				some[lines.Value(row)] = true
			}
		}
	}
	number := page.First
	for line := range bytes.Lines(page.Data) {
		if some[number] {
			l := look{policy: p, found: func(s sensitivity) { in.add(number, s) }}
			l.value(gjson.ParseBytes(line), "", coding{})
		}
		number++
	}
}

// look goes through a resource.
type look struct {
	policy *Policy
	found  func(sensitivity)
	labels bool // what follows are labels
}

// inlineLabel is the extension that labels an element (HL7, "FHIR Data Segmentation for
// Privacy").
const inlineLabel = "inline-sec-label"

// value looks through what an element has; of is the object that it is in, without a code.
func (l look) value(v gjson.Result, name string, of coding) {
	switch {
	case v.IsObject():
		l.object(v, name)
	case v.IsArray():
		v.ForEach(func(_, item gjson.Result) bool {
			l.value(item, name, of)
			return true
		})
	case v.Type == gjson.String:
		of.code = v.Str
		l.text(name, of)
	}
}

func (l look) object(v gjson.Result, name string) {
	var of coding
	l.labels = l.labels && name != "" || name == "security"
	v.ForEach(func(key, child gjson.Result) bool {
		switch {
		case key.Str == "system" && child.Type == gjson.String:
			of.system = child.Str
		case key.Str == "url" && strings.HasSuffix(child.Str, inlineLabel):
			l.labels = true
		}
		return true
	})
	v.ForEach(func(key, child gjson.Result) bool {
		l.value(child, key.Str, of)
		return true
	})
}

// names are elements that have no codes, whatever they look like.
var names = setOf([]string{
	"id", "reference", "url", "system", "version", "versionId", "fullUrl", "resourceType", "lastUpdated", "implicitRules", "profile", "source", "uri", "instantiatesUri",
})

// ofCodes are elements with codes, also such as look like other numbers and words.
var ofCodes = setOf([]string{"code", "valueCode", "display", "text", "valueString"})

// text looks for what a text is, and in what order people write codes into texts.
func (l look) text(name string, of coding) {
	if names[name] {
		return
	}
	if l.labels {
		if name == "code" {
			l.policy.labels.each(of, l.found)
		}
		return
	}
	if ofCodes[name] || distinct(of.code) {
		l.policy.codes.each(of, l.found)
	}
	for _, word := range words(of.code) {
		if len(word) < len(of.code) {
			l.policy.codes.each(coding{code: word}, l.found)
		}
	}
}
