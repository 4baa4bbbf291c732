package transform

// The days and microseconds that all stores hold: ClickHouse's Date32 and DateTime64 have
// the years 1900 to 2299. What is outside becomes the nearest of them, and is counted, so
// that 9999-12-31, "no end", is the same day in Parquet and in ClickHouse, and comparisons
// with it stay right.
const (
	firstDay  = -25567 // 1900-01-01
	lastDay   = 120529 // 2299-12-31
	firstTime = firstDay * secondsPerDay * 1_000_000
	lastTime  = (lastDay+1)*secondsPerDay*1_000_000 - 1
)

// nearest is v, or the nearest end of a range, and why it is not v.
func nearest[T ~int32 | ~int64](v, first, last T) (T, string) {
	if v < first || v > last {
		return min(max(v, first), last), ValueNearest
	}
	return v, ""
}
