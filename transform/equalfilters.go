package transform

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
