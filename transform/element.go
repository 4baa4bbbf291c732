package transform

// element scans one element of an array into a frame of its own, and lets the
// filters judge it at its end. single is an object in an array's place: to gjson
// no filter looks into it, but it is a row.
func (s *scan) element(sc *scope, position int32, single bool) bool {
	if s.made > s.most {
		return s.fail(ReasonTooManyRows)
	}
	outer := s.current
	fr := s.push(sc, outer, s.line, position)
	keep := s.muted == 0 && sc.keeps && s.addRows(sc, fr)
	if keep {
		s.counts[sc.number]++
	} else {
		s.muted++
	}
	s.current = fr
	ok := s.value(sc.root, int(s.frames[fr].base))
	s.current = outer
	if ok {
		s.settle(fr, outer, single)
		s.closeFrame(&s.frames[fr], keep)
	}
	if !keep {
		s.muted--
		if ok {
			s.frames = s.frames[:fr]
		}
	}
	return ok
}

// addRows adds the element to its tables before what is below it, so that rows
// are in document order. It reports whether the frame is needed: an element that
// is no object has no rows, but where a column takes the element itself.
func (s *scan) addRows(sc *scope, fr int32) bool {
	object := false
	switch s.next() {
	case '{':
		object = true
	case '[', 'n':
		return false
	}
	keep := object
	for _, r := range sc.tables {
		if object || r.scalar {
			s.lane.rows[r.table] = append(s.lane.rows[r.table], row{frame: fr, source: int32(r.source)})
			s.made++
			keep = true
		}
	}
	return keep
}

// settle evaluates the filters of an element at its end.
func (s *scan) settle(index, outer int32, single bool) {
	fr := &s.frames[index]
	sc := fr.scope
	if len(sc.tests) == 0 && len(sc.picks) == 0 && len(sc.lists) == 0 && len(sc.some) == 0 {
		return
	}
	j := judge{s: s, base: fr.base, outer: s.frames[outer].base, single: single}
	j.pick(sc.picks, int(fr.position)-1)
	j.collect(sc.lists)
	if !single {
		j.gather(sc.some)
	}
	if len(sc.tests) == 0 {
		return
	}
	for i, end := int(fr.touched), len(s.touched); i < end; i++ {
		if slot := s.touched[i]; slot >= fr.base {
			if test := sc.roles[slot-fr.base].test; test != none {
				j.test(&sc.tests[test], s.slots[slot])
			}
		}
	}
}

// judge applies filters to one element, whose slots start at base; its parent's
// start at outer.
type judge struct {
	s           *scan
	base, outer int32
	single      bool
}

// pick copies what paths want of the element at index i.
func (j judge) pick(picks [][]move, i int) {
	if i >= len(picks) || j.single {
		return
	}
	j.copy(picks[i])
}

// copy fills slots of the parent with what was found in the element.
func (j judge) copy(moves []move) {
	for _, m := range moves {
		if v := j.s.slots[j.base+m.from]; v.kind != kindNone {
			j.s.set(int(j.outer+m.to), v)
		}
	}
}

func (j judge) test(t *test, v span) {
	text := j.text(v)
	if v.kind != kindText {
		for i := range t.filters {
			j.filter(&t.filters[i], v.kind, text)
		}
		return
	}
	for _, i := range t.equal.of(text) {
		j.take(&t.filters[i])
	}
	for _, i := range t.other {
		j.filter(&t.filters[i], v.kind, text)
	}
}

func (j judge) filter(f *filter, k valueKind, text string) {
	if f.query.matches(k, text) {
		j.take(f)
	}
}

// take marks the element for which f holds, and, the first time, copies what its
// paths found to the parent.
func (j judge) take(f *filter) {
	done := j.s.slots[j.outer+f.done].kind != kindNone
	if f.mark != none && (f.all || !done) {
		j.s.touch(int(j.base + f.mark)).kind = kindMark
	}
	if j.single {
		return
	}
	j.gather(f.lists)
	if done {
		return
	}
	j.s.touch(int(j.outer + f.done)).kind = kindMark
	j.copy(f.moves)
}

// text is the text that filters compare: decoded if it is a string.
func (j judge) text(v span) string {
	switch {
	case v.kind == kindCount:
		return countText(v.start)
	case !v.escaped:
		return view(j.s.data[v.start:v.end])
	}
	j.s.scratch = appendUnescaped(j.s.scratch[:0], j.s.data[v.start:v.end])
	return view(j.s.scratch)
}

// equalFilters finds the filters that compare one path with == by the text they
// compare it with. Most texts are the systems and URLs of a profile, of which a
// few come again and again, and most of which no filter wants: a sum of a few bytes
// tells them apart faster than a map's hash over all.
type equalFilters struct{ buckets [64][]equalFilter }

type equalFilter struct {
	text    string
	filters []int // places in the test
}

func (e *equalFilters) add(text string, filter int) {
	b := &e.buckets[sumOf([]byte(text))%uint(len(e.buckets))]
	for i := range *b {
		if f := &(*b)[i]; f.text == text {
			f.filters = append(f.filters, filter)
			return
		}
	}
	*b = append(*b, equalFilter{text, []int{filter}})
}

// of gives the filters for which text is the right one.
func (e *equalFilters) of(text string) []int {
	for i := range e.buckets[sumOf(text)%uint(len(e.buckets))] {
		if f := &e.buckets[sumOf(text)%uint(len(e.buckets))][i]; f.text == text {
			return f.filters
		}
	}
	return nil
}
