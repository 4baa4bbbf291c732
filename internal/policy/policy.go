package policy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// ErrPolicy says that a policy cannot be followed; the error lists every reason.
var ErrPolicy = errors.New("the policy cannot be followed")

// SafeHarbor is the preset that removes what 45 CFR 164.514(b)(2) lists.
const SafeHarbor = "safe-harbor"

// Spec is a policy as the user wrote it.
type Spec struct {
	Preset string   // SafeHarbor, or "" for none; its rules come after those of Rules
	Rules  []Rule   // the first that matches a column counts
	Labels []string // code or system|code of meta.security: such resources are left out
	Codes  []string // code or system|code: resources with one anywhere are left out
	Flags  []Flag   `json:",omitempty"` // resources with one of their codes get their label
}

// Flag is a label for resources with one of some codes. Their main rows get it in addition to the labels that they came with.
type Flag struct {
	Label string   // such as 42CFRPart2, of HL7's ActCode
	Codes []string // code or system|code
}

// Rule says what becomes of columns.
type Rule struct {
	Match  []string // table.column, each part a pattern as of path.Match; a pattern without a dot is of columns of any table
	Action Action
}

// Action is what becomes of a column's values.
type Action string

// The actions.
const (
	Keep         Action = "keep"
	Drop         Action = "drop"         // no value
	Pseudonymise Action = "pseudonymise" // another text, the same for the same value
	Shift        Action = "shift"        // a date up to a year earlier, by the same days for all of a patient's
	Year         Action = "year"         // the first of January
	BirthYear    Action = "birth-year"   // the same; no later birth than that of a person of 90 is told from it
	Zip3         Action = "zip3"         // a US postal code's first three digits, if enough people live there
	Age          Action = "age"          // 90 for all above 89, in years or by the quantity's unit
	Quantity     Action = "quantity"     // the same where the unit is of time
	Code         Action = "code"         // what is no date, telephone or social security number, or address of e-mail
	Display      Action = "display"      // the same, where the row has the code that it is of
	State        Action = "state"        // a name without numbers or commas
)

// What becomes of lineage columns where ids are pseudonyms; not for rules.
const (
	Rank  Action = "rank"       // orders the copies of a resource, and is no time
	Keyed Action = "keyed hash" // made with the row
)

// Column is what a policy does to a column.
type Column struct {
	Table, Name string
	Action      Action
	Why         string // the pattern that matched, or of the preset what it is
}

// Policy is ready to be applied. It may be used concurrently.
type Policy struct {
	spec     Spec
	key      []byte
	tables   map[string][]Column
	labels   listed
	codes    listed
	ranked   map[string]bool // resource types whose ids are pseudonyms
	excluded atomic.Int64
	flagged  atomic.Int64
}

// made counts the ways in which a policy of the same text changed rows, so that rows that
// were made in another are known, and loaded again.
const made = 2

// Hash stands for a policy and its key in the rows that it made.
func (s Spec) Hash(key []byte) string {
	text, _ := json.Marshal(struct {
		Spec
		Made int
	}{s, made})
	m := hmac.New(sha256.New, key)
	_, _ = m.Write(text)
	return hex.EncodeToString(m.Sum(nil)[:4])
}

// Compile looks up what a policy means for tables. key is a secret of any length, for
// pseudonyms and shifts. The error is an ErrPolicy: a pattern that matches no column, or
// an action that a column cannot have.
func Compile(s Spec, key []byte, schemas []*arrow.Schema) (*Policy, error) {
	p := &Policy{spec: s, key: key, tables: map[string][]Column{}, ranked: map[string]bool{}}
	p.codes, p.labels = s.sensitive()
	var problems []string
	if s.Preset != "" && s.Preset != SafeHarbor {
		problems = append(problems, "there is no preset "+s.Preset)
	}
	used := map[string]bool{}
	if err := p.findRanked(schemas); err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		t, err := table.Of(schema)
		if err != nil {
			return nil, err
		}
		if len(s.Flags) > 0 && t.IsRoot() && !labelled(schema) {
			problems = append(problems, t.Name+" has no column "+securityColumn+" of type list(code), which flags need")
		}
		for _, f := range schema.Fields() {
			c := p.columnOf(t, schema, f, used)
			if why := unfit(t, schema, f, c.Action); why != "" {
				problems = append(problems, fmt.Sprintf("%s.%s cannot have %s: %s", t.Name, f.Name, c.Action, why))
			}
			p.tables[t.Name] = append(p.tables[t.Name], c)
		}
	}
	for _, r := range s.Rules {
		for _, pattern := range r.Match {
			if !used[pattern] {
				problems = append(problems, pattern+" matches no column, or only such as an earlier rule has")
			}
		}
	}
	if p.needsKey() && len(key) < minKey {
		problems = append(problems, "pseudonyms and shifts need a key: claimlake policy keygen makes one, policy.key_file names it")
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w:\n%s", ErrPolicy, strings.Join(problems, "\n"))
	}
	return p, nil
}

// minKey is how long a key must be, in bytes.
const minKey = 16

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, v := range list {
		set[v] = true
	}
	return set
}

// findRanked finds the resource types whose main tables have pseudonyms for ids.
func (p *Policy) findRanked(schemas []*arrow.Schema) error {
	for _, s := range schemas {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		at := s.FieldIndices(t.Key[0])
		if t.IsRoot() && len(at) == 1 && p.columnOf(t, s, s.Field(at[0]), map[string]bool{}).Action == Pseudonymise {
			p.ranked[t.Resource] = true
		}
	}
	return nil
}

// ofLineage is what becomes of a lineage column: no rule has it, since claimlake needs
// it. Where ids are pseudonyms, it does not lead back to the resource.
func (p *Policy) ofLineage(t table.Table, name string) (Action, string) {
	if p.ranked[t.Resource] {
		switch name {
		case lineage.Version:
			return Rank, "lineage, else the time of the resource's last change"
		case lineage.RetrievedAt, lineage.TransactionTime:
			return Year, "lineage, else soon after the resource's last change"
		}
	}
	if name == lineage.Hash && len(p.key) > 0 {
		return Keyed, "lineage, else a way to test guesses"
	}
	return Keep, "lineage"
}

// columnOf finds the rule for a column. Lineage has none: it is claimlake's own.
func (p *Policy) columnOf(t table.Table, s *arrow.Schema, f arrow.Field, used map[string]bool) Column {
	c := Column{Table: t.Name, Name: f.Name, Action: Keep}
	if isLineage(f.Name) {
		c.Action, c.Why = p.ofLineage(t, f.Name)
		return c
	}
	for _, r := range p.spec.Rules {
		for _, pattern := range r.Match {
			if matches(pattern, t.Name, f.Name) {
				used[pattern] = true
				c.Action, c.Why = r.Action, pattern
				return c
			}
		}
	}
	if p.spec.Preset == SafeHarbor {
		c.Action, c.Why = safeHarbor(t, s, f)
	}
	return c
}

// matches reports whether a pattern, which is well-formed or matches nothing, is of a
// column.
func matches(pattern, table, column string) bool {
	of, name, both := strings.Cut(pattern, ".")
	if !both {
		of, name = "*", pattern
	}
	a, _ := path.Match(of, table)
	b, _ := path.Match(name, column)
	return a && b
}

var lineageColumns = func() []string {
	var names []string
	for _, f := range lineage.Fields() {
		names = append(names, f.Name)
	}
	return names
}()

func isLineage(column string) bool { return slices.Contains(lineageColumns, column) }

// unfit says why a column cannot have an action; "" where it can.
func unfit(t table.Table, s *arrow.Schema, f arrow.Field, a Action) string {
	isKey := slices.Contains(t.Key, f.Name)
	if isLineage(f.Name) {
		return ""
	}
	switch a {
	case Keep:
	case Drop:
		if isKey || !f.Nullable {
			return "it is part of the key; pseudonymise it"
		}
	case Pseudonymise:
		if !isText(f.Type) {
			return "it is no text"
		}
	case Shift, Year, BirthYear:
		if isKey || !isTime(f.Type) {
			return "it is no date"
		}
		if a == Shift && t.Resource != patientType && patientColumn(t) == "" {
			return "it is of no patient"
		}
	case Zip3, State:
		if f.Type.ID() != arrow.STRING && (a == Zip3 || !isText(f.Type)) {
			return "it is no text"
		}
	case Code:
		if ct := table.ColumnType(f); isKey || !isText(f.Type) && !strings.HasPrefix(ct, "list(code") && !strings.HasPrefix(ct, "list(string") {
			return "it is no text"
		}
	case Display:
		if f.Type.ID() != arrow.STRING || codeOf(s, f.Name) < 0 {
			return "it is no display of a code in the column next to it"
		}
	case Age, Quantity:
		if !isNumber(f.Type) {
			return "it is no number"
		}
	default:
		return "there is no such action"
	}
	return ""
}

func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING || t.ID() == arrow.DICTIONARY }
func isTime(t arrow.DataType) bool { return t.ID() == arrow.DATE32 || t.ID() == arrow.TIMESTAMP }

// needsKey reports whether an action of the policy needs the key.
func (p *Policy) needsKey() bool {
	for _, columns := range p.tables {
		for _, c := range columns {
			if c.Action == Pseudonymise || c.Action == Shift {
				return true
			}
		}
	}
	return false
}

// Columns lists what becomes of the columns of all tables, those that are kept too, by
// table in no order.
func (p *Policy) Columns() []Column {
	var all []Column
	for _, columns := range p.tables {
		all = append(all, columns...)
	}
	slices.SortStableFunc(all, func(a, b Column) int { return strings.Compare(a.Table, b.Table) })
	return all
}

// Resources says what becomes of whole resources, a line for each list of labels or codes.
func (p *Policy) Resources() (lines []string) {
	if labels := p.spec.Labels; len(labels) > 0 {
		lines = append(lines, "left out: resources labelled "+strings.Join(labels, " or "))
	}
	if codes := p.spec.Codes; len(codes) > 0 {
		lines = append(lines, fmt.Sprintf("left out: resources with one of %d codes", len(codes)))
	}
	for _, f := range p.spec.Flags {
		lines = append(lines, fmt.Sprintf("labelled %s: resources with one of %d codes", f.Label, len(f.Codes)))
	}
	return lines
}

// Excluded is how many resources were left out so far; of no policy, none.
func (p *Policy) Excluded() int64 {
	if p == nil {
		return 0
	}
	return p.excluded.Load()
}

// Flagged is how many resources got a label so far; of no policy, none.
func (p *Policy) Flagged() int64 {
	if p == nil {
		return 0
	}
	return p.flagged.Load()
}
