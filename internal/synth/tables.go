package synth

import (
	"embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed tables/*.tsv
var files embed.FS

// code is a row of a code table. Rows come in the order of their frequency.
type code struct {
	code, display string
	class         string   // kind of service: lab, imaging, drug …
	usual         cents    // usual charge; of a DRG its weight in ten-thousandths
	more          []string // the table's other columns, in their order
}

// tables are the code sets that claims draw from.
type tables struct {
	diagnoses, procedures, drgs, services, drugs, dental, revenues []code
	specialties, measures, places                                  []code
	sites                                                          map[string]code   // place of service by code
	byClass                                                        map[string][]code // services by class
	female, male, family                                           []string          // names
}

// loadTables reads the embedded tables, once.
var loadTables = sync.OnceValue(func() *tables {
	t := &tables{
		diagnoses:   rows("icd10cm"),
		procedures:  rows("icd10pcs"),
		drgs:        rows("drg"),
		services:    rows("hcpcs"),
		drugs:       rows("ndc"),
		dental:      rows("cdt"),
		revenues:    rows("revenue"),
		specialties: rows("specialty"),
		measures:    rows("loinc"),
		places:      rows("place"),
		sites:       map[string]code{},
		byClass:     map[string][]code{},
	}
	for _, site := range rows("pos") {
		t.sites[site.code] = site
	}
	for _, service := range t.services {
		t.byClass[service.class] = append(t.byClass[service.class], service)
	}
	names := map[string]*[]string{"female": &t.female, "male": &t.male, "family": &t.family}
	for _, name := range rows("names") {
		list := names[name.class]
		*list = append(*list, name.code)
	}
	return t
})

// rows reads tables/name.tsv, whose first line names the columns.
func rows(name string) []code {
	text, err := files.ReadFile("tables/" + name + ".tsv")
	if err != nil {
		panic(err) // the file is part of the binary
	}
	var head []string
	var out []code
	for row := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		if head == nil {
			head = fields
			continue
		}
		out = append(out, codeOf(head, fields))
	}
	return out
}

func codeOf(head, fields []string) (c code) {
	for i, value := range fields {
		switch head[i] {
		case "code":
			c.code = value
		case "display":
			c.display = value
		case "class":
			c.class = value
		case "usual":
			c.usual = cents(number(value))
		default:
			c.more = append(c.more, value)
		}
	}
	return c
}

// number reads a whole number of a table.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // the tables are part of the binary
	}
	return n
}
