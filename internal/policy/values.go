package policy

import (
	"fmt"
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

// mapTexts changes texts; an empty answer is none. Of codes the dictionary is changed.
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
			if a.IsNull(i) {
				b.AppendNull()
			} else if err := b.AppendString(change(texts.Value(a.GetValueIndex(i)))); err != nil {
				return nil, err
			}
		}
		return b.NewArray(), nil
	}
	return nil, fmt.Errorf("texts of type %s", in.DataType())
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

// oldestAge is what all ages above 89 become.
const oldestAge = 90

func mapAges(mem memory.Allocator, in arrow.Array) (arrow.Array, error) {
	b := array.NewBuilder(mem, in.DataType())
	defer b.Release()
	for i := range in.Len() {
		if in.IsNull(i) {
			b.AppendNull()
			continue
		}
		switch a := in.(type) {
		case *array.Int32:
			age := a.Value(i)
			if age >= oldestAge {
				age = oldestAge
			}
			b.(*array.Int32Builder).Append(age)
		case *array.Decimal128:
			oldest := decimal128.FromI64(oldestAge).IncreaseScaleBy(in.DataType().(*arrow.Decimal128Type).Scale)
			age := a.Value(i)
			if oldest.Less(age) {
				age = oldest
			}
			b.(*array.Decimal128Builder).Append(age)
		default:
			return nil, fmt.Errorf("ages of type %s", in.DataType())
		}
	}
	return b.NewArray(), nil
}
