package synth

import "time"

// day is a date as the number of days since 1970-01-01; 0 means none.
type day int

func dayOf(t time.Time) day { return day(t.Unix() / 86400) }

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// monthly is how busy each month is, in per cent of the busiest: colds in
// winter, holidays in summer.
var monthly = [...]int{100, 96, 94, 86, 82, 76, 70, 74, 82, 90, 88, 84}

// busy rolls a day of service in the n days before end. Winters are busier than
// summers, and Sundays are quiet.
func busy(d *dice, end day, n int) day {
	for {
		at := end - 1 - day(d.below(n))
		t := at.time()
		weight := monthly[t.Month()-1]
		if t.Weekday() == time.Sunday || t.Weekday() == time.Saturday {
			weight /= 4
		}
		if d.chance(weight * 10) {
			return at
		}
	}
}
