package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/table"
)

const patientType = "Patient"

// patientColumn is the column of a table that has the patient's id; "" for none.
func patientColumn(t table.Table) string {
	switch {
	case t.Resource == patientType:
		return t.Key[0]
	case perPatient[t.Resource]:
		return "patient_id"
	}
	return ""
}

// perPatient are the resource types whose tables all have a column patient_id.
var perPatient = setOf([]string{"Claim", "ExplanationOfBenefit", "Coverage", "Encounter", "Procedure", "Observation", "Condition", "MedicationRequest"})

// shifts are the days for each row; 0 where it has no patient.
func (c *changer) shifts() []int {
	days := make([]int, c.batch.NumRows())
	at := c.batch.Schema().FieldIndices(patientColumn(c.table))
	if len(at) != 1 {
		return days
	}
	ids, ok := c.batch.Column(at[0]).(*array.String)
	for row := range days {
		if ok && ids.IsValid(row) && ids.Value(row) != "" {
			days[row] = c.secrets.shift(ids.Value(row))
		}
	}
	return days
}

// mapTexts changes texts, codes and lists of them; an empty answer is none.
func mapTexts(mem memory.Allocator, in arrow.Array, change func(string) string) (arrow.Array, error) {
	switch a := in.(type) {
	case *array.String:
		b := array.NewStringBuilder(mem)
		defer b.Release()
		b.Reserve(a.Len())
		for i := range a.Len() {
			appendText(b, a, i, change)
		}
		return b.NewArray(), nil
	case *array.Dictionary:
		b := array.NewDictionaryBuilder(mem, a.DataType().(*arrow.DictionaryType)).(*array.BinaryDictionaryBuilder)
		defer b.Release()
		texts, ok := a.Dictionary().(*array.String)
		if !ok {
			return nil, fmt.Errorf("codes of type %s", a.DataType())
		}
		for i := range a.Len() {
			was := ""
			if a.IsValid(i) {
				was = texts.Value(a.GetValueIndex(i))
			}
			if is := change(was); a.IsNull(i) || is == "" && was != "" {
				b.AppendNull()
			} else if err := b.AppendString(is); err != nil {
				return nil, err
			}
		}
		return b.NewArray(), nil
	case *array.List:
		return mapLists(mem, a, change)
	}
	return nil, fmt.Errorf("texts of type %s", in.DataType())
}

// mapLists changes the texts of lists, and leaves out those that become none.
func mapLists(mem memory.Allocator, in *array.List, change func(string) string) (arrow.Array, error) {
	texts, ok := in.ListValues().(*array.String)
	if !ok {
		return nil, fmt.Errorf("lists of type %s", in.DataType())
	}
	b := array.NewBuilder(mem, in.DataType()).(*array.ListBuilder)
	defer b.Release()
	for row := range in.Len() {
		if in.IsNull(row) {
			b.AppendNull()
			continue
		}
		b.Append(true)
		for at, to := in.ValueOffsets(row); at < to; at++ {
			if is := change(texts.Value(int(at))); is != "" && texts.IsValid(int(at)) {
				b.ValueBuilder().(*array.StringBuilder).Append(is)
			}
		}
	}
	return b.NewArray(), nil
}

func appendText(b *array.StringBuilder, a *array.String, i int, change func(string) string) {
	if a.IsNull(i) {
		b.AppendNull()
		return
	}
	was := a.Value(i)
	if is := change(was); is != "" || was == "" {
		b.Append(is)
	} else {
		b.AppendNull()
	}
}

const microsADay = int64(24 * time.Hour / time.Microsecond)

// mapDays changes dates, and of points in time their days, which are counted from 1970;
// not ok is null. The time of day stays, or becomes midnight.
func mapDays(mem memory.Allocator, in arrow.Array, timeStays bool, change func(row, day int) (is int, ok bool)) (arrow.Array, error) {
	b := array.NewBuilder(mem, in.DataType())
	defer b.Release()
	b.Reserve(in.Len())
	for i := range in.Len() {
		if in.IsNull(i) {
			b.AppendNull()
			continue
		}
		switch a := in.(type) {
		case *array.Date32:
			if day, ok := change(i, int(a.Value(i))); ok {
				b.(*array.Date32Builder).Append(arrow.Date32(day))
				continue
			}
		case *array.Timestamp:
			at := int64(a.Value(i))
			time := (at%microsADay + microsADay) % microsADay
			if day, ok := change(i, int((at-time)/microsADay)); ok {
				if !timeStays {
					time = 0
				}
				b.(*array.TimestampBuilder).Append(arrow.Timestamp(int64(day)*microsADay + time))
				continue
			}
		default:
			return nil, fmt.Errorf("dates of type %s", in.DataType())
		}
		b.AppendNull()
	}
	return b.NewArray(), nil
}

// yearOf is the first day of a day's year.
func yearOf(day int) int {
	y := time.Unix(int64(day)*86400, 0).UTC().Year()
	return int(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// birthYearOf is the same for a birth; for whoever is, or may this year become, 90 or
// older it is the year of birth of a person of 90.
func birthYearOf(day, now int) int {
	y := time.Unix(int64(now)*86400, 0).UTC().Year()
	oldest := int(time.Date(y-90, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	return max(yearOf(day), oldest)
}

// oldestAge is what all ages above 89 become, in years.
const oldestAge = 90

// oldest is the same in the units of UCUM, and in what servers write instead.
var oldest = map[string]int64{
	"a": oldestAge, "yr": oldestAge, "yrs": oldestAge, "y": oldestAge, "year": oldestAge, "years": oldestAge,
	"mo": oldestAge * 12, "month": oldestAge * 12, "months": oldestAge * 12,
	"wk": oldestAge * 52, "week": oldestAge * 52, "weeks": oldestAge * 52,
	"d": oldestAge * 365, "day": oldestAge * 365, "days": oldestAge * 365,
}

// oldestOf gives the most that a quantity may be in a row, by its unit; without one it is
// most, and 0 is no limit. Of what has another unit than times there is none.
func (c *changer) oldestOf(column string, most int64) func(row int) int64 {
	var units []*array.Dictionary
	for _, at := range unitsOf(c.batch.Schema(), column) {
		if d, ok := c.batch.Column(at).(*array.Dictionary); ok {
			units = append(units, d)
		}
	}
	return func(row int) int64 {
		limit := most
		for _, d := range units {
			if unit := textAt(d, row); unit != "" {
				if limit = oldest[strings.ToLower(unit)]; limit > 0 {
					return limit
				}
			}
		}
		return limit
	}
}

// mapAges makes all numbers no more than a limit; 0 is none.
func mapAges(mem memory.Allocator, in arrow.Array, limit func(row int) int64) (arrow.Array, error) {
	b := array.NewBuilder(mem, in.DataType())
	defer b.Release()
	for i := range in.Len() {
		most := limit(i)
		switch a := in.(type) {
		case *array.Int32:
			if v := a.Value(i); a.IsValid(i) && most > 0 && int64(v) > most {
				b.(*array.Int32Builder).Append(int32(most))
				continue
			}
		case *array.Int64:
			if v := a.Value(i); a.IsValid(i) && most > 0 && v > most {
				b.(*array.Int64Builder).Append(most)
				continue
			}
		case *array.Decimal128:
			last := decimal128.FromI64(most).IncreaseScaleBy(in.DataType().(*arrow.Decimal128Type).Scale)
			if a.IsValid(i) && most > 0 && last.Less(a.Value(i)) {
				b.(*array.Decimal128Builder).Append(last)
				continue
			}
		default:
			return nil, fmt.Errorf("ages of type %s", in.DataType())
		}
		if err := appendRows(b, in, []int{i}); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

// mapDisplays changes displays of codes, and takes those away whose row has no code: they
// are texts of any kind.
func mapDisplays(mem memory.Allocator, in arrow.Array, codes arrow.Array) (arrow.Array, error) {
	a, ok := in.(*array.String)
	if !ok {
		return nil, fmt.Errorf("displays of type %s", in.DataType())
	}
	b := array.NewStringBuilder(mem)
	defer b.Release()
	for i := range a.Len() {
		if codes.IsNull(i) {
			b.AppendNull()
			continue
		}
		appendText(b, a, i, plain)
	}
	return b.NewArray(), nil
}
