package fhirpath

import "fmt"

// Expr is a parsed expression. It does not change and may be used concurrently.
type Expr struct {
	text string
	root expr
}

// String is the expression as it was written.
func (e *Expr) String() string { return e.text }

// Eval evaluates the expression on one item. rowIndex is the value of %rowIndex. The
// error names the expression, never a value.
func (e *Expr) Eval(on Value, rowIndex int) ([]Value, error) {
	values, err := e.root.eval(&env{this: on, rowIndex: rowIndex})
	if err != nil {
		return nil, fmt.Errorf("FHIRPath %q: %w", e.text, err)
	}
	return values, nil
}

// Want adds all paths that the expression can touch on an item to its projection, and
// gives the projections of the items that it yields.
func (e *Expr) Want(on *Projection) []*Projection { return e.root.want(on) }

// env is what an expression is evaluated in.
type env struct {
	this     Value
	rowIndex int
}

func (e *env) on(v Value) *env { return &env{this: v, rowIndex: e.rowIndex} }

// expr is a node of the syntax tree.
type expr interface {
	eval(*env) ([]Value, error)
	// want is Expr.Want.
	want(*Projection) []*Projection
}

type (
	this     struct{}
	nothing  struct{}
	rowIndex struct{}
	literal  struct{ value Value }
	root     struct{ typ string } // the resource, if it is of that type
	member   struct {
		on   expr
		name string
	}
	indexed struct {
		on, index expr
		at        int
	}
	call struct {
		on       expr
		name     string
		function function
		args     []expr
		typ      string
		at       int
	}
	binary struct {
		op          string
		left, right expr
		at          int
	}
)

func (this) eval(e *env) ([]Value, error)       { return []Value{e.this}, nil }
func (nothing) eval(*env) ([]Value, error)      { return nil, nil }
func (l literal) eval(*env) ([]Value, error)    { return []Value{l.value}, nil }
func (rowIndex) eval(e *env) ([]Value, error)   { return []Value{integerOf(e.rowIndex)}, nil }
func (this) want(p *Projection) []*Projection   { return []*Projection{p} }
func (nothing) want(*Projection) []*Projection  { return nil }
func (literal) want(*Projection) []*Projection  { return nil }
func (rowIndex) want(*Projection) []*Projection { return nil }

func (r root) eval(e *env) ([]Value, error) {
	if e.this.ResourceType() == r.typ {
		return []Value{e.this}, nil
	}
	return nil, nil
}

func (r root) want(p *Projection) []*Projection {
	p.Child("resourceType")
	return []*Projection{p}
}

func (m member) eval(e *env) ([]Value, error) {
	from, err := m.on.eval(e)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, v := range from {
		out = v.member(m.name, out)
	}
	return out, nil
}

func (m member) want(p *Projection) []*Projection {
	var out []*Projection
	for _, on := range m.on.want(p) {
		out = append(out, on.Child(m.name))
	}
	return out
}

func (x indexed) eval(e *env) ([]Value, error) {
	from, err := x.on.eval(e)
	if err != nil {
		return nil, err
	}
	at, err := x.index.eval(e)
	if err != nil || len(at) == 0 {
		return nil, err
	}
	i, ok := at[0].int()
	if len(at) > 1 || !ok {
		return nil, fmt.Errorf("an index must be one integer")
	}
	if i < 0 || i >= len(from) {
		return nil, nil
	}
	return from[i : i+1], nil
}

func (x indexed) want(p *Projection) []*Projection {
	x.index.want(p)
	return x.on.want(p)
}

func (b binary) want(p *Projection) []*Projection {
	for _, side := range []expr{b.left, b.right} {
		for _, v := range side.want(p) {
			v.All()
		}
	}
	return nil
}

func (b binary) eval(e *env) ([]Value, error) {
	left, err := b.left.eval(e)
	if err != nil {
		return nil, err
	}
	right, err := b.right.eval(e)
	if err != nil {
		return nil, err
	}
	switch b.op {
	case "and", "or":
		return logic(b.op, left, right)
	case "=", "!=":
		return equality(b.op, left, right)
	case "<", "<=", ">", ">=":
		return inequality(b.op, left, right)
	}
	return arithmetic(b.op, left, right)
}
