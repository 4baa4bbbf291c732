package synth

import (
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// absent is a primitive's extension that says why it has no value.
const absent = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}`

// nested are lines below a line, each with more at its end: in an
// ExplanationOfBenefit they are adjudicated.
func nested(more string) string {
	return `[{"sequence":1,"productOrService":{"text":"kit"},"quantity":{"value":2},` +
		`"subDetail":[{"sequence":1,"productOrService":{"text":"needle"},"quantity":{"value":1.5}` + more + `},` +
		`{"sequence":2,"productOrService":{"text":"swab"}` + more + `}]` + more + `},` +
		`{"sequence":2,"productOrService":{"text":"dressing"}` + more + `}]`
}

const twelveDollars = `"adjudication":[{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"benefit"}]},"amount":{"value":12.34,"currency":"USD"}}]`

const rate = `{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"submitted","display":"Submitted Amount"},` +
	`{"system":"https://bluebutton.cms.gov/resources/codesystem/adjudication","code":"https://bluebutton.cms.gov/resources/variables/rev_cntr_rate_amt","display":"Revenue Center Rate Amount"}]},"amount":{"value":5.0,"currency":"USD"}}`

const added = `[{"itemSequence":[1],"productOrService":{"text":"unbundled"},` + twelveDollars + `}]`

// edit changes a line that has no newline at its end.
type edit func(line []byte) []byte

// with sets values: pairs of a path and its raw JSON.
func with(pairs ...string) edit {
	return func(line []byte) []byte {
		for i := 0; i < len(pairs); i += 2 {
			line = set(line, pairs[i], pairs[i+1])
		}
		return line
	}
}

// set replaces or adds one value. The paths are ours and the line is JSON, so that
// it cannot fail.
func set(line []byte, path, raw string) []byte {
	out, err := sjson.SetRawBytes(line, path, []byte(raw))
	if err != nil {
		panic(err)
	}
	return out
}

// without deletes members.
func without(paths ...string) edit {
	return func(line []byte) []byte {
		for _, path := range paths {
			out, err := sjson.DeleteBytes(line, path)
			if err != nil {
				panic(err)
			}
			line = out
		}
		return line
	}
}

func both(first, second edit) edit {
	return func(line []byte) []byte { return second(first(line)) }
}

func prefixed(path, prefix string) edit {
	return func(line []byte) []byte {
		return set(line, path, `"`+prefix+gjson.GetBytes(line, path).String()+`"`)
	}
}

func suffixed(path, suffix string) edit {
	return func(line []byte) []byte {
		return set(line, path, `"`+gjson.GetBytes(line, path).String()+suffix+`"`)
	}
}

// contain puts a resource inside and makes path refer to it.
func contain(path, id, resource string) edit {
	return func(line []byte) []byte {
		line = set(line, "contained.-1", resource)
		return set(line, path, `{"reference":"#`+id+`"}`)
	}
}

// backwards turns the order of the members around.
func backwards(line []byte) []byte {
	members := split(line)
	for i, j := 0, len(members)-1; i < j; i, j = i+1, j-1 {
		members[i], members[j] = members[j], members[i]
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

// spaced puts blanks where JSON allows them.
func spaced(line []byte) []byte {
	return []byte("{ " + strings.Join(split(line), " , ") + " }\t")
}

// split takes the members of a line apart.
func split(line []byte) (members []string) {
	gjson.ParseBytes(line).ForEach(func(key, value gjson.Result) bool {
		members = append(members, key.Raw+":"+value.Raw)
		return true
	})
	return members
}
