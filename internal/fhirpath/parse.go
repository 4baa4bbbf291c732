package fhirpath

import (
	"slices"
	"strings"
)

// maxNesting bounds how deep expressions nest.
const maxNesting = 100

// Parse parses an expression. constants are the values that %name stands for, next to
// %rowIndex, which is always known. The error is a *SyntaxError.
func Parse(expr string, constants map[string]Value) (*Expr, error) {
	p := &parser{lexer: lexer{expr: expr}, constants: constants}
	if err := p.advance(); err != nil {
		return nil, err
	}
	root, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokenEnd {
		return nil, p.fail(p.tok.at, "unexpected %q", p.tok.text)
	}
	return &Expr{text: expr, root: root}, nil
}

// parser is a precedence climbing parser of the FHIRPath grammar.
type parser struct {
	lexer
	tok       token
	constants map[string]Value
	nesting   int
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

func (p *parser) is(symbol string) bool { return p.tok.kind == tokenSymbol && p.tok.text == symbol }

func (p *parser) expect(symbol string) error {
	if !p.is(symbol) {
		if p.tok.kind == tokenEnd {
			return p.fail(p.tok.at, "the expression ends where %q must follow", symbol)
		}
		return p.fail(p.tok.at, "unexpected %q, want %q", p.tok.text, symbol)
	}
	return p.advance()
}

// levels are the binary operators by precedence, the weakest first (FHIRPath,
// "Operator Precedence").
var levels = [][]string{
	{"or"}, {"and"}, {"=", "!="}, {"<=", "<", ">", ">="}, {"+", "-"}, {"*", "/"},
}

// unsupported are operators of FHIRPath that a view may not use.
var unsupported = []string{"implies", "xor", "in", "contains", "is", "as", "div", "mod", "~", "!~", "|", "&"}

func (p *parser) expression(level int) (expr, error) {
	if level == 0 {
		if p.nesting++; p.nesting > maxNesting {
			return nil, p.fail(p.tok.at, "the expression nests too deep")
		}
		defer func() { p.nesting-- }()
	}
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.expression(level + 1)
	for err == nil && p.operator(levels[level]) {
		op := binary{op: p.tok.text, left: left, at: p.tok.at}
		if err = p.advance(); err != nil {
			return nil, err
		}
		if op.right, err = p.expression(level + 1); err == nil {
			left = op
		}
	}
	if err == nil && level == 0 && p.operator(unsupported) {
		return nil, p.fail(p.tok.at, "the operator %s is not supported in a view", p.tok.text)
	}
	return left, err
}

func (p *parser) operator(of []string) bool {
	return (p.tok.kind == tokenSymbol || p.tok.kind == tokenName && !p.tok.quoted) && slices.Contains(of, p.tok.text)
}

func (p *parser) unary() (expr, error) {
	if !p.is("-") && !p.is("+") {
		return p.postfix()
	}
	op := binary{op: p.tok.text, left: literal{integer("0")}, at: p.tok.at}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err error
	op.right, err = p.postfix()
	return op, err
}

// postfix is a term, and what is invoked on it.
func (p *parser) postfix() (expr, error) {
	e, err := p.term()
	for err == nil {
		switch {
		case p.is("."):
			if err = p.advance(); err == nil {
				e, err = p.invocation(e)
			}
		case p.is("["):
			e, err = p.index(e)
		default:
			return e, nil
		}
	}
	return nil, err
}

func (p *parser) index(on expr) (expr, error) {
	x := indexed{on: on, at: p.tok.at}
	err := p.advance()
	if err == nil {
		x.index, err = p.expression(0)
	}
	if err == nil {
		err = p.expect("]")
	}
	return x, err
}

func (p *parser) term() (expr, error) {
	t := p.tok
	switch {
	case t.kind == tokenName && !t.quoted && (t.text == "true" || t.text == "false"):
		return literal{boolean(t.text == "true")}, p.advance()
	case t.kind == tokenName:
		return p.invocation(this{})
	case t.kind == tokenThis:
		return this{}, p.advance()
	case t.kind == tokenString:
		return literal{text(t.text, "string")}, p.advance()
	case t.kind == tokenNumber:
		return literal{numberLiteral(t.text)}, p.advance()
	case t.kind == tokenTemporal:
		v, ok := temporalLiteral(t.text)
		if !ok {
			return nil, p.fail(t.at, "@%s is not a date or time", t.text)
		}
		return literal{v}, p.advance()
	case t.kind == tokenConstant:
		return p.constantValue(t)
	case p.is("("):
		return p.group()
	case p.is("{"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		return nothing{}, p.expect("}")
	case t.kind == tokenEnd:
		return nil, p.fail(t.at, "the expression ends where a term must follow")
	}
	return nil, p.fail(t.at, "unexpected %q", t.text)
}

func (p *parser) group() (expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) constantValue(t token) (expr, error) {
	if v, ok := p.constants[t.text]; ok {
		return literal{v}, p.advance()
	}
	if t.text == "rowIndex" {
		return rowIndex{}, p.advance()
	}
	return nil, p.fail(t.at, "the constant %%%s is not defined", t.text)
}

// invocation is a member or function on an expression.
func (p *parser) invocation(on expr) (expr, error) {
	t := p.tok
	if t.kind == tokenThis {
		return on, p.advance()
	}
	if t.kind != tokenName {
		return nil, p.fail(t.at, "the name of an element or function must follow")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.is("(") {
		if _, first := on.(this); first && !t.quoted && 'A' <= t.text[0] && t.text[0] <= 'Z' {
			return root{typ: t.text}, nil
		}
		return member{on: on, name: t.text}, nil
	}
	f, ok := functions[t.text]
	if !ok {
		return nil, p.fail(t.at, "the function %s() is not supported in a view", t.text)
	}
	c := call{on: on, name: t.text, function: f, at: t.at}
	if err := p.arguments(&c); err != nil {
		return nil, err
	}
	if len(c.args) < f.least || len(c.args) > f.most {
		return nil, p.fail(t.at, "%s() has %d arguments, want %s", t.text, len(c.args), arity(f))
	}
	return c, nil
}

func arity(f function) string {
	if f.least == f.most {
		return [...]string{"none", "one"}[f.least]
	}
	return "at most one"
}

func (p *parser) arguments(c *call) error {
	if err := p.advance(); err != nil { // (
		return err
	}
	for !p.is(")") {
		if len(c.args) > 0 {
			if err := p.expect(","); err != nil {
				return err
			}
		}
		at := p.tok.at
		arg, err := p.expression(0)
		if err != nil {
			return err
		}
		if c.function.wantsType {
			if c.typ = typeName(arg); c.typ == "" {
				return p.fail(at, "%s() wants the name of a type", c.name)
			}
		}
		c.args = append(c.args, arg)
	}
	return p.advance()
}

// typeName is the type that an expression names: string, Quantity, FHIR.Quantity,
// System.String.
func typeName(e expr) string {
	switch e := e.(type) {
	case root:
		return e.typ
	case member:
		switch on := e.on.(type) {
		case this:
			return e.name
		case root:
			if on.typ == "System" {
				return strings.ToLower(e.name[:1]) + e.name[1:]
			}
			if on.typ == "FHIR" {
				return e.name
			}
		}
	}
	return ""
}
