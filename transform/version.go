package transform

import (
	"strconv"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform/internal/value"
)

// unrankedBy is how far below its export's time the version of a copy begins that does not
// say when it was changed. Within that, copies are ranked by meta.versionId where it is a
// number, else by their place in the file.
const unrankedBy = int64(1_000_000) // µs

// Outranked is a copy of a resource that a loaded one outranks.
type Outranked struct {
	ResourceType, ID string
	Version          int64  // of this copy, µs since 1970
	Line             []byte // valid until the call returns
}

// Outrank has f compare copies with those that are loaded, and hand over each that one of
// these outranks. loaded gives the version of the loaded copy, in µs since 1970. A nil
// outranked makes f give such a copy the version of the loaded one, so that the later run
// wins; deletions always get it.
func (f *Flattener) Outrank(loaded func(resourceType string, id []byte) (version int64, ok bool), outranked func(Outranked)) {
	f.loaded, f.outranked = loaded, outranked
}

// versionOf is the version of the resource that was scanned, whose line begins at start:
// meta.lastUpdated, but before its export's time, so that a clock which was ahead cannot
// hide what comes later, and a deletion that the same export tells wins.
func (f *Flattener) versionOf(l *lane, number int64, start int) int64 {
	s := &f.scan
	exported := f.page.TransactionTime.UnixMicro()
	updated := s.slots[l.plan.updated]
	m, known := value.Moment{}, false
	if updated.kind == kindText {
		m, known = value.ParseMoment(s.data[updated.start:updated.end])
	}
	version := m.Micros()
	switch {
	case !known:
		version = exported - unrankedBy + f.place(l, number)
	case version > exported && !f.page.TransactionTime.IsZero():
		version = exported - 1
	}
	if !known && updated.kind != kindNone {
		l.unranked++
	}
	version, _ = nearest(version, firstTime, lastTime)
	if f.guarded && s.slots[l.plan.partial].kind == kindText {
		return belowComplete(version)
	}
	id := s.slots[l.plan.id]
	above := f.outranking(l.plan.mapping.Resource, s.data[id.start:id.end], version)
	if above > version && f.outranked != nil {
		f.outranked(Outranked{ResourceType: l.plan.mapping.Resource, ID: string(s.data[id.start:id.end]), Version: version, Line: s.data[start:]})
		return version
	}
	return above
}

// outranking is a version that is not below that of the loaded copy.
func (f *Flattener) outranking(resourceType string, id []byte, version int64) int64 {
	if f.loaded == nil {
		return version
	}
	if loaded, ok := f.loaded(resourceType, id); ok {
		return max(version, loaded)
	}
	return version
}

// place ranks the copies of a resource in one export that do not say when they were
// changed.
func (f *Flattener) place(l *lane, number int64) int64 {
	if sp := f.scan.slots[l.plan.versionID]; sp.kind == kindText || sp.kind == kindNumber {
		if n, err := strconv.ParseInt(string(f.scan.data[sp.start:sp.end]), 10, 64); err == nil && n >= 0 {
			number = n
		}
	}
	return min(number, unrankedBy-2)
}

// reportUnranked moves the count of copies whose lastUpdated cannot be read to r.
func (l *lane) reportUnranked(r *Result) {
	if l.unranked > 0 {
		r.Counts = append(r.Counts, ValueCount{Table: l.tables[0].plan.name, Column: lineage.Version, Reason: ValueNoVersion, Count: l.unranked})
	}
	l.unranked = 0
}
