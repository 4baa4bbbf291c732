package transform

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
