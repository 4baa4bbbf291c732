package policy

import (
	"slices"
	"strings"
	"unicode"
)

// coding is a code with its system, as a resource or a column has it.
type coding struct{ system, code string }

// anySystem is the system of a code of which only the line tells it: no listed code with a
// system is meant by it.
const anySystem = "\x00"

// sensitivity is what a listed code or label makes of the resources that have it.
type sensitivity struct {
	coding        // system "" for any
	hidden bool   // they are left out
	label  string // else they get this
}

// listed are the codes or labels of a policy, by their plainest writing.
type listed map[string][]sensitivity

// add takes code or system|code from a list.
func (l listed) add(text string, as sensitivity) {
	as.code = strings.TrimSpace(text)
	if at := strings.LastIndexByte(text, '|'); at >= 0 {
		as.system, as.code = strings.TrimSpace(text[:at]), strings.TrimSpace(text[at+1:])
	}
	l[plainest(as.code)] = append(l[plainest(as.code)], as)
}

// each calls f for what the list says of a code.
func (l listed) each(c coding, f func(sensitivity)) {
	for _, s := range l[plainest(c.code)] {
		if s.means(c) {
			f(s)
		}
	}
}

// plainest is a code without what servers write or leave out: dots, spaces and case.
func plainest(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, code)
}

// means reports whether c is the listed code; both are the same in their plainest writing.
// A code that came without a system may be of any. Dots may be left out in ICD alone: the
// H0001 of HCPCS is not the H00.01 of ICD-10.
func (s sensitivity) means(c coding) bool {
	exact := strings.EqualFold(strings.TrimSpace(c.code), s.code)
	switch {
	case c.system == anySystem:
		return exact && s.system == ""
	case s.system != "" && c.system != "" && !sameSystem(s.system, c.system):
		return false
	case exact:
		return true
	case s.system != "":
		return isICD(s.system)
	}
	return (c.system == "" || isICD(c.system)) && (strings.Contains(s.code, ".") || !isHCPCS(s.code))
}

// isHCPCS reports whether a code may be of HCPCS: a letter of it and four digits.
func isHCPCS(code string) bool {
	return len(code) == 5 && strings.ContainsRune("ABCDEGHJKLMPQRSTUV", unicode.ToUpper(rune(code[0]))) &&
		strings.Trim(code[1:], "0123456789") == ""
}

// oids are the OIDs of code systems (HL7, "Terminology: known systems") that resources
// made of C-CDA documents and claims have for URLs.
var oids = map[string]string{
	"2.16.840.1.113883.6.90":  "http://hl7.org/fhir/sid/icd-10-cm",
	"2.16.840.1.113883.6.3":   "http://hl7.org/fhir/sid/icd-10",
	"2.16.840.1.113883.6.4":   "http://www.cms.gov/medicare/coding/icd10",
	"2.16.840.1.113883.6.42":  "http://hl7.org/fhir/sid/icd-9",
	"2.16.840.1.113883.6.103": "http://hl7.org/fhir/sid/icd-9-cm",
	"2.16.840.1.113883.6.104": "http://hl7.org/fhir/sid/icd-9-cm",
	"2.16.840.1.113883.6.96":  "http://snomed.info/sct",
	"2.16.840.1.113883.6.12":  "http://www.ama-assn.org/go/cpt",
	"2.16.840.1.113883.6.285": "https://www.cms.gov/medicare/coding/hcpcsreleasecodesets",
	"2.16.840.1.113883.6.88":  "http://www.nlm.nih.gov/research/umls/rxnorm",
	"2.16.840.1.113883.6.69":  "http://hl7.org/fhir/sid/ndc",
	"2.16.840.1.113883.6.1":   "http://loinc.org",
}

// plainSystem is a system in one writing.
func plainSystem(system string) string {
	system = strings.TrimRight(strings.ToLower(strings.TrimSpace(system)), "/")
	system, _, _ = strings.Cut(system, "|") // a version
	if url, ok := oids[strings.TrimPrefix(system, "urn:oid:")]; ok {
		system = url
	}
	return strings.Replace(system, "https://", "http://", 1)
}

// sameSystem reports whether a listed system is that of a resource. A list may have a
// system's last part alone, such as icd-10-cm. Servers send ICD-10-CM as ICD-10, and
// ICD-9-CM as ICD-9; their codes mean the same.
func sameSystem(listed, sent string) bool {
	l, s := plainSystem(listed), plainSystem(sent)
	if !strings.Contains(l, ":") {
		s = s[strings.LastIndexByte(s, '/')+1:]
	}
	return strings.TrimSuffix(l, "-cm") == strings.TrimSuffix(s, "-cm")
}

// isICD reports whether a system is one of the International Classification of Diseases.
func isICD(system string) bool { return strings.Contains(plainSystem(system), "icd") }

// sensitive is what the codes of a policy make of resources, and what its labels do.
func (s Spec) sensitive() (codes, labels listed) {
	codes, labels = listed{}, listed{}
	for _, label := range s.Labels {
		labels.add(label, sensitivity{hidden: true})
	}
	for _, code := range s.Codes {
		codes.add(code, sensitivity{hidden: true})
	}
	for _, flag := range s.Flags {
		for _, code := range flag.Codes {
			codes.add(code, sensitivity{label: flag.Label})
		}
	}
	return codes, labels
}

// distinct reports whether a code is none of a word or number that a text has for another
// reason: it has letters and digits.
func distinct(code string) bool {
	const shortest = 3
	return len(code) >= shortest && strings.ContainsFunc(code, unicode.IsDigit) && strings.ContainsFunc(code, unicode.IsLetter)
}

// words are the parts of a text that may be codes.
func words(text string) []string {
	parts := strings.FieldsFunc(text, func(r rune) bool {
		return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for i, p := range parts {
		parts[i] = strings.Trim(p, ".-")
		if strings.ContainsRune(parts[i], '-') {
			parts = append(parts, strings.Split(parts[i], "-")...)
		}
	}
	return slices.DeleteFunc(parts, func(p string) bool { return !distinct(p) })
}
