package transform

import (
	"bytes"

	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform/internal/value"
)

// Unranked is how far below its export's time a copy ranks that does not say when it was
// changed, in µs. What orders such copies of one export is decided once all of them are
// there. No lastUpdated is likely to be the same.
const Unranked = 2

// Outrank gives f the versions of the copies that are loaded, in µs since 1970: a deletion
// gets at least that, so that the later run wins.
func (f *Flattener) Outrank(loaded func(resourceType string, id []byte) (version int64, ok bool)) {
	f.loaded = loaded
}

// versionOf is the version of the resource that was scanned: meta.lastUpdated, but not
// after its export's time, so that a clock which was ahead cannot hide what comes later.
func (f *Flattener) versionOf(l *lane) int64 {
	s := &f.scan
	exported := f.page.TransactionTime.UnixMicro()
	updated := s.slots[l.plan.updated]
	m, known := value.Moment{}, false
	if updated.kind == kindText {
		m, known = value.ParseMoment(s.data[updated.start:updated.end])
	}
	version := m.Micros()
	switch {
	case known && version > exported && !f.page.TransactionTime.IsZero():
		version = exported - 1
	case known:
	case updated.kind == kindNone:
		version = exported - Unranked
		l.untimed++
	default:
		version = exported - Unranked
		l.unranked++
	}
	version, _ = nearest(version, firstTime, lastTime)
	if f.guarded && s.slots[l.plan.partial].kind == kindText {
		return belowComplete(version)
	}
	return version
}

// HideVersions says that rows are changed before they are stored, so that they need not
// tell meta.versionId.
func (f *Flattener) HideVersions() { f.hidden = true }

// number notes meta.versionId of the resource that was scanned, if it is a number which its
// row will not tell.
func (f *Flattener) number(l *lane, line int64) {
	sp := f.scan.slots[l.plan.version]
	if sp.kind != kindNumber && (sp.kind != kindText || l.plan.shows && !f.hidden) {
		return
	}
	f.addNumber(line, f.scan.data[sp.start:sp.end])
}

// numberKnown does the same for a line that Skip knew, which is not scanned.
func (f *Flattener) numberKnown(l *lane, line int64, data []byte) {
	if !l.plan.shows || f.hidden {
		f.addNumber(line, []byte(gjson.GetBytes(data, "meta.versionId").String()))
	}
}

func (f *Flattener) addNumber(line int64, text []byte) {
	if len(text) > 0 && len(bytes.Trim(text, "0123456789")) == 0 {
		f.result.Numbered = append(f.result.Numbered, NumberedLine{Line: line, Number: string(text)})
	}
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

// reportUnranked moves the counts of copies that do not say when they were changed, or
// not so that it can be read, to r.
func (l *lane) reportUnranked(r *Result) {
	if l.unranked > 0 {
		r.Counts = append(r.Counts, ValueCount{Table: l.tables[0].plan.name, Column: lineage.Version, Reason: ValueNoVersion, Count: l.unranked})
	}
	if l.untimed > 0 {
		r.Untimed = append(r.Untimed, ValueCount{Table: l.tables[0].plan.name, Column: lineage.Version, Reason: ValueNoTime, Count: l.untimed})
	}
	l.unranked, l.untimed = 0, 0
}
