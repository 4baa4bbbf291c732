package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// resourcePlan is the compiled mapping of one resource type.
type resourcePlan struct {
	mapping *Mapping
	root    *scope
	id      int32 // slots of the root
	updated int32 // meta.lastUpdated
	version int32 // meta.versionId
	shows   bool  // the main table has a column of it
	partial int32 // the tag SUBSETTED
	extras  int32 // what no column takes; none unless the mapping keeps it
	tables  []*tablePlan
	orders  []*node // the nodes with keys, by node.order
	scopes  []*scope
}

// tablePlan is one table: its schema and where its columns' values come from.
type tablePlan struct {
	schema     *arrow.Schema
	name       string
	mapping    string // name and hash
	columns    []*columnPlan
	scopes     []*scope      // by row path: that of its rows
	conditions [][]condition // by row path; a row needs all
}

// condition is a slot that must be marked in the frame at a level.
type condition struct {
	level int
	slot  int32
}

// columnPlan is a column with its alternatives for each row path of its table.
type columnPlan struct {
	column
	required bool            // part of the key: never null
	sources  [][]alternative // by row path
}

// alternative is a path that a column may take its value from.
type alternative struct {
	up     int    // frames up from the row
	pseudo string // instead of a slot
	in     *scope // of slot and base
	slot   int32  // the value
	base   int32  // the value that decides whether this alternative is taken
	index  int    // among the column's paths
	rest   string // what gjson evaluates on slot; "" where slot is the value
	whole  string // the same from the element on
	elem   int32  // slot of the element, for whole
	via    int32  // slot of the reference to the contained resource that has the other slots
	inside *scope // the contained resources; nil where the value is not in one
}

func compileResource(m *Mapping) (*resourcePlan, error) {
	rp := &resourcePlan{mapping: m, root: &scope{root: newNode()}}
	rp.id = rp.root.slotOf([]step{{key: "id", index: -1}})
	rp.updated = rp.root.slotOf([]step{{key: "meta", index: -1}, {key: "lastUpdated", index: -1}})
	rp.version = rp.root.slotOf([]step{{key: "meta", index: -1}, {key: "versionId", index: -1}})
	rp.partial = rp.root.slotOf(subsetted.steps)
	rp.addExtras()
	for _, spec := range m.Tables {
		if err := rp.addTable(spec); err != nil {
			return nil, fmt.Errorf("%s: table %s: %w", m.id, spec.Name, err)
		}
	}
	rp.shows = slices.ContainsFunc(m.Tables[0].Columns, columnSpec.showsVersion)
	rp.finish(rp.root)
	return rp, nil
}

// showsVersion reports whether a column has meta.versionId as it is.
func (c columnSpec) showsVersion() bool {
	return len(c.Path) == 1 && c.Path[0] == "meta.versionId" && (c.Type == "string" || c.Type == "code" || c.Type == "id") && c.Without == ""
}

func (rp *resourcePlan) addTable(spec tableSpec) error {
	t := &tablePlan{name: spec.Name, mapping: rp.mapping.id}
	var err error
	if t.scopes, err = rp.rowScopes(t, spec); err != nil {
		return err
	}
	for _, cs := range spec.Columns {
		columns, err := cs.expand()
		if err != nil {
			return fmt.Errorf("column %s: %w", cs.Name, err)
		}
		for _, c := range columns {
			t.columns = append(t.columns, resolve(c, t.scopes, spec.Key))
		}
	}
	if len(spec.Rows) == 0 && rp.extras != none {
		t.columns = append(t.columns, rp.extrasPlan())
	}
	t.schema = rp.schema(spec, t.columns)
	rp.addRows(t)
	return nil
}

// rowScopes gives the scopes whose elements are the rows of a table.
func (rp *resourcePlan) rowScopes(t *tablePlan, spec tableSpec) ([]*scope, error) {
	if len(spec.Rows) == 0 {
		t.conditions = [][]condition{nil}
		return []*scope{rp.root}, nil
	}
	var scopes []*scope
	for _, text := range spec.Rows {
		steps, err := parseRowPath(text)
		if err != nil {
			return nil, err
		}
		sc, conditions := rp.rowScope(steps)
		scopes, t.conditions = append(scopes, sc), append(t.conditions, conditions)
	}
	return scopes, nil
}

func (rp *resourcePlan) addRows(t *tablePlan) {
	scalar := false
	for _, c := range t.columns {
		for _, s := range c.column.sources {
			scalar = scalar || s.path.text == "@this" && s.up == 0 && !s.root
		}
	}
	for i, sc := range t.scopes {
		sc.tables = append(sc.tables, rowOf{table: len(rp.tables), source: i, scalar: scalar})
	}
	rp.tables = append(rp.tables, t)
}

// resolve finds the slots of a column's paths for each of its table's scopes.
func resolve(c column, scopes []*scope, key []string) *columnPlan {
	cp := &columnPlan{column: c, required: slices.Contains(key, c.name)}
	for _, sc := range scopes {
		var alternatives []alternative
		for i, s := range c.sources {
			if from := s.from(sc); from != nil {
				alternatives = append(alternatives, s.resolve(from, i, sc.level-from.level, len(c.sources) > 1))
			}
		}
		cp.sources = append(cp.sources, alternatives)
	}
	return cp
}

func (s source) resolve(sc *scope, index, up int, several bool) alternative {
	a := alternative{up: up, pseudo: s.pseudo, index: index}
	if s.pseudo != "" {
		return a
	}
	if s.via != nil {
		a.via, a.inside = sc.slotOf(s.via.steps), sc.contained()
		sc = a.inside
	}
	a.in, a.slot = sc, sc.slotOf(s.path.steps)
	a.base = a.slot
	if s.path.rest != "" {
		a.rest, a.whole, a.elem = s.path.rest, strings.TrimPrefix(s.path.text, "@this."), sc.slotOf(nil)
	}
	if several && s.base.rest == "" {
		a.base = sc.slotOf(s.base.steps)
	}
	return a
}

func (rp *resourcePlan) schema(spec tableSpec, columns []*columnPlan) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range columns {
		var paths []string
		for _, s := range c.column.sources {
			paths = append(paths, s.text)
		}
		fields = append(fields, table.Field(c.name, c.kind.dataType(), !c.required, c.kind.label(), strings.Join(paths, " | "), c.description))
	}
	return table.Table{
		Name: spec.Name, Resource: rp.mapping.Resource, Description: spec.Description, Key: spec.Key,
		Root: rp.mapping.Tables[0].Name, Mapping: rp.mapping.id,
	}.Schema(append(fields, lineage.Fields()...))
}

// finish numbers the nodes with keys and finds the scopes that hold rows.
func (rp *resourcePlan) finish(sc *scope) {
	sc.keeps = len(sc.tables) > 0 || sc.sought
	rp.scopes = append(rp.scopes, sc)
	rp.finishNode(sc, sc.root)
}

func (rp *resourcePlan) finishNode(sc *scope, n *node) {
	if len(n.keys) > 0 {
		n.order = int32(len(rp.orders))
		rp.orders = append(rp.orders, n)
	}
	for _, c := range n.keys {
		rp.finishNode(sc, c)
	}
	if n.elem != nil {
		n.foldIndex()
		rp.finish(n.elem)
		sc.keeps = sc.keeps || n.elem.keeps
	}
}
