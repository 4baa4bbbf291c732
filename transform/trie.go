package transform

// none is the slot of a value that nobody asked for.
const none = int32(-1)

// node is a place in a resource that some path leads to or through.
type node struct {
	keys  map[string]*node
	order int32   // the key order of this node in a lane; none without keys
	index []*node // children by array index; nil where no path wants one
	elem  *scope  // what is wanted of every element of an array here
	slot  int32   // where the value itself goes
	count int32   // where the number of elements goes
	taken int32   // marks that the rows of elem were found: a repeated key adds none
}

func newNode() *node { return &node{order: none, slot: none, count: none, taken: none} }

// child is the node that step s leads to, from an object and, for a number, also
// from an array.
func (n *node) child(s step) *node {
	if n.keys == nil {
		n.keys = map[string]*node{}
	}
	c := n.keys[s.key]
	if c == nil {
		c = newNode()
		n.keys[s.key] = c
	}
	if s.index >= 0 {
		for len(n.index) <= s.index {
			n.index = append(n.index, nil)
		}
		n.index[s.index] = c
	}
	return c
}

// scope is a kind of frame: the resource, or the elements of one array. Each
// frame of it has a slot for every path that starts at the element.
type scope struct {
	parent  *scope // nil for the resource
	level   int    // 0 for the resource
	root    *node  // the element
	number  int32  // among all of the plan
	slots   int32
	roles   []slotRole // by slot
	tests   []test
	picks   [][]move // by index in the array: what is copied to the parent
	lists   []move   // what every element adds to a list of the parent
	some    []move   // the same for a list that begins with its first value
	matched []int32  // slots of the parent with lists that begin with their first value
	tables  []rowOf  // tables to which an element adds a row
	sought  bool     // references may lead to its elements, by their
	id      int32    // slot of the id
	keeps   bool     // it has rows or is sought, or a scope below it
}

// rowOf says that an element is a row of a table.
type rowOf struct {
	table  int  // in the resource's plan
	source int  // which of the table's row paths leads here
	scalar bool // also where the element is no object
}

// test is one predicate path of a scope with all filters that use it.
type test struct {
	slot    int32
	filters []filter
	equal   equalFilters
	other   []int // filters with another operator
}

// slotRole says what becomes of a slot's value when its frame ends.
type slotRole struct {
	test int32 // the scope's test that it decides; none
	cell int32 // which of the arena's lists takes it for columns; none
}

// filter is a predicate, with what is copied out of the first element for which
// it holds.
type filter struct {
	query *query
	done  int32 // slot of the parent: an element was found
	mark  int32 // slot of the element: it holds here; none unless rows depend on it
	all   bool  // mark every element, not only the first
	moves []move
	lists []move // what every element for which it holds adds to a list of the parent
}

// move copies a slot of the element to one of its parent.
type move struct{ from, to int32 }

func (sc *scope) newSlot() int32 {
	sc.slots++
	return sc.slots - 1
}

// element is the scope of the elements of the array at n, a node of sc.
func (sc *scope) element(n *node) *scope {
	if n.elem == nil {
		n.elem = &scope{parent: sc, level: sc.level + 1, root: newNode()}
	}
	return n.elem
}

// slotOf is the slot of sc in which the scan leaves the value at steps.
func (sc *scope) slotOf(steps []step) int32 {
	n := sc.root
	for i, s := range steps {
		switch {
		case s.query != nil && s.each:
			return sc.everyFiltered(n, s.query, steps[i+1:])
		case s.query != nil:
			return sc.filtered(n, s.query, steps[i+1:])
		case s.count:
			return sc.countOf(n)
		case s.some:
			return sc.someOf(n, steps[i+1:])
		case s.each:
			return sc.listOf(n, steps[i+1:])
		}
		n = n.child(s)
	}
	if n.slot == none {
		n.slot = sc.newSlot()
	}
	return n.slot
}

func (sc *scope) countOf(n *node) int32 {
	if n.count == none {
		n.count = sc.newSlot()
		n.child(step{key: "#", index: -1}).slot = n.count // in an object # is a key like any other
	}
	return n.count
}

// filtered is the slot for what rest gives of the first element of n that
// matches q.
func (sc *scope) filtered(n *node, q *query, rest []step) int32 {
	elem := sc.element(n)
	from := elem.slotOf(rest)
	f := elem.filter(sc, q, false)
	for _, m := range f.moves {
		if m.from == from {
			return m.to
		}
	}
	to := sc.newSlot()
	f.moves = append(f.moves, move{from, to})
	return to
}

// everyFiltered is the slot for the list of what rest gives of each element of n that
// matches q. Without any there is no list.
func (sc *scope) everyFiltered(n *node, q *query, rest []step) int32 {
	elem := sc.element(n)
	from := elem.slotOf(rest)
	f := elem.filter(sc, q, false)
	return elem.gathered(&f.lists, from, sc)
}

// someOf is the slot for the list of what rest gives of the elements of n. Without any
// there is no list.
func (sc *scope) someOf(n *node, rest []step) int32 {
	elem := sc.element(n)
	return elem.gathered(&elem.some, elem.slotOf(rest), sc)
}

// gathered is the slot of outer, the parent of sc, for the list of what is in the slot
// from of the elements that lists is about.
func (sc *scope) gathered(lists *[]move, from int32, outer *scope) int32 {
	for _, m := range *lists {
		if m.from == from {
			return m.to
		}
	}
	to := outer.newSlot()
	*lists = append(*lists, move{from, to})
	sc.matched = append(sc.matched, to)
	return to
}

// filter is the filter with predicate q of sc, whose parent is outer. The pointer
// is good until the next filter is added.
func (sc *scope) filter(outer *scope, q *query, all bool) *filter {
	slot := sc.slotOf(q.path.steps)
	t := sc.test(slot)
	for i := range t.filters {
		if t.filters[i].query.text == q.text && t.filters[i].all == all {
			return &t.filters[i]
		}
	}
	n := len(t.filters)
	t.filters = append(t.filters, filter{query: q, all: all, done: outer.newSlot(), mark: none})
	if q.op == "=" {
		t.equal.add(q.value, n)
	} else {
		t.other = append(t.other, n)
	}
	return &t.filters[n]
}

func (sc *scope) test(slot int32) *test {
	for i := range sc.tests {
		if sc.tests[i].slot == slot {
			return &sc.tests[i]
		}
	}
	sc.tests = append(sc.tests, test{slot: slot})
	return &sc.tests[len(sc.tests)-1]
}

// foldIndex moves what paths want of single elements of the array at n, such as
// coding.0.code, into the scope that all its elements have anyway, so that no
// element is scanned twice. What leads on to arrays stays.
func (n *node) foldIndex() {
	for i, child := range n.index {
		if child == nil || !child.flat() {
			continue
		}
		for len(n.elem.picks) <= i {
			n.elem.picks = append(n.elem.picks, nil)
		}
		n.elem.picks[i] = n.elem.fold(n.elem.root, child, n.elem.picks[i])
		n.index[i] = nil
	}
}

// flat reports whether only objects and values are below n.
func (n *node) flat() bool {
	if n.elem != nil || n.count != none || n.index != nil {
		return false
	}
	for _, c := range n.keys {
		if !c.flat() {
			return false
		}
	}
	return true
}

// fold adds to node to of sc what is wanted at node from of its parent, and gives
// the moves between them.
func (sc *scope) fold(to, from *node, moves []move) []move {
	if from.slot != none {
		if to.slot == none {
			to.slot = sc.newSlot()
		}
		moves = append(moves, move{from: to.slot, to: from.slot})
	}
	for key, c := range from.keys {
		moves = sc.fold(to.child(step{key: key, index: -1}), c, moves)
	}
	return moves
}
