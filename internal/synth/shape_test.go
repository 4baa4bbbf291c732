package synth

import (
	"bytes"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// sample is a few thousand explanations, read once for all shape tests.
func sample(t *testing.T) (lines []gjson.Result, size int) {
	t.Helper()
	var b bytes.Buffer
	if err := EOBs(&b, 24<<20, 11); err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b.Bytes()) {
		lines = append(lines, gjson.ParseBytes(line))
	}
	return lines, b.Len()
}

// The lines look like claims: as long as Medicare's, mostly short bills with a
// long tail, few codes that are common and many that are rare.
func TestShape(t *testing.T) {
	lines, size := sample(t)
	if mean := size / len(lines); mean < 15_000 || mean > 21_000 {
		t.Errorf("a line has %d bytes on average, want about 18,000", mean)
	}
	var items []int
	paidClaims := 0
	codes, kinds, payments := map[string]int{}, map[string]int{}, map[string]int{}
	for _, eob := range lines {
		items = append(items, int(eob.Get("item.#").Int()))
		kinds[eob.Get("meta.profile.0").String()]++
		if paid := eob.Get("payment.amount.value"); paid.Float() != 0 {
			payments[paid.Raw]++
			paidClaims++
		}
		for _, code := range eob.Get("diagnosis.#.diagnosisCodeableConcept.coding.0.code").Array() {
			codes[code.String()]++
		}
	}
	slices.Sort(items)
	if median, longest := items[len(items)/2], items[len(items)-1]; median > 2 || longest < 40 || longest > 52 {
		t.Errorf("bills have %d lines in the median and %d at most", median, longest)
	}
	if len(kinds) != 5 {
		t.Errorf("kinds of claims: %v", kinds)
	}
	if distinct := len(payments); distinct < paidClaims*9/10 || paidClaims < len(lines)*3/4 {
		t.Errorf("%d different payments in %d paid claims of %d", distinct, paidClaims, len(lines))
	}
	skewed(t, codes)
	busierInWinter(t, lines)
}

func skewed(t *testing.T, codes map[string]int) {
	t.Helper()
	var counts []int
	total := 0
	for _, n := range codes {
		counts = append(counts, n)
		total += n
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	top := 0
	for _, n := range counts[:10] {
		top += n
	}
	if len(counts) < 300 || top < total/4 || counts[0] < 20*counts[len(counts)/2] {
		t.Errorf("%d codes, the ten commonest %d of %d, the commonest %d, the median %d", len(counts), top, total, counts[0], counts[len(counts)/2])
	}
}

func busierInWinter(t *testing.T, lines []gjson.Result) {
	t.Helper()
	months := map[time.Month]int{}
	for _, eob := range lines {
		at, err := time.Parse(time.DateOnly, eob.Get("billablePeriod.start").String())
		if err != nil {
			t.Fatal(err)
		}
		months[at.Month()]++
	}
	winter, summer := months[time.January]+months[time.February], months[time.July]+months[time.August]
	if winter*10 < summer*11 {
		t.Errorf("%d in January and February, %d in July and August", winter, summer)
	}
}

func TestEOBsStopsAfterTheBytesAskedFor(t *testing.T) {
	var b bytes.Buffer
	if err := EOBs(&b, 1<<20, 1); err != nil {
		t.Fatal(err)
	}
	if b.Len() < 1<<20 || b.Len() > 2<<20 {
		t.Errorf("%d bytes for 1 MiB", b.Len())
	}
}

func TestScatterGivesEachNumberAnother(t *testing.T) {
	for _, bits := range []int{1, 2, 9, 16} {
		seen := make([]bool, 1<<bits)
		for x := range seen {
			y := scatter(42, uint64(x), bits)
			if seen[y] {
				t.Fatalf("%d bits: %d twice", bits, y)
			}
			seen[y] = true
		}
	}
}

// The check digit of a National Provider Identifier is Luhn's over 80840 and the number.
func TestNPI(t *testing.T) {
	for n := range 1000 {
		number := "80840" + npi(7, n)
		sum := 0
		for i := range len(number) {
			v := int(number[len(number)-1-i] - '0')
			if i%2 == 1 {
				v *= 2
			}
			sum += v/10 + v%10
		}
		if len(number) != 15 || sum%10 != 0 {
			t.Errorf("%s is no NPI", number[5:])
		}
	}
}

func TestSkewedStaysInRange(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 8, 100} {
		counts := make([]int, n)
		d := roll(1, aboutDay, uint64(n))
		for range 2000 {
			counts[d.skewed(n)]++
		}
		if slices.Min(counts) == 0 && n < 100 || counts[0] != slices.Max(counts) {
			t.Errorf("below %d: %v", n, counts)
		}
	}
}

func TestSpreadHasALongTail(t *testing.T) {
	d := roll(1, aboutDay)
	var all []cents
	for range 5000 {
		all = append(all, d.spread(100_00))
	}
	slices.Sort(all)
	if median, top := all[2500], all[4999]; math.Abs(float64(median-104_00)) > 10_00 || top < 5*median {
		t.Errorf("median %d, most %d cents", median, top)
	}
}

func BenchmarkEOBs(b *testing.B) {
	const size = 64 << 20
	b.SetBytes(size)
	for b.Loop() {
		if err := EOBs(io.Discard, size, 1); err != nil {
			b.Fatal(err)
		}
	}
}
