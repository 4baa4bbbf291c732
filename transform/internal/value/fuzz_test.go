package value

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"
)

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"1.10", "-0.0", "1e2", "12345678901234567890.5", "1e-4", "99999999999999.9999", "100e-2"} {
		f.Add(s)
	}
	limit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(14), nil))
	f.Fuzz(func(t *testing.T, literal string) {
		n, ok := ParseDecimal([]byte(literal), 18, 4)
		var number json.Number
		if len(literal) > 60 || json.Unmarshal([]byte(literal), &number) != nil || strings.HasPrefix(literal, `"`) || strings.TrimSpace(literal) != literal || literal == "null" {
			return
		}
		if _, exponent, _ := strings.Cut(strings.ToLower(literal), "e"); len(strings.TrimLeft(exponent, "+-0")) > 3 {
			return // big.Rat would take long
		}
		want, _ := new(big.Rat).SetString(literal)
		scaled := new(big.Rat).Mul(want, big.NewRat(10000, 1))
		fits := scaled.IsInt() && new(big.Rat).Abs(want).Cmp(limit) < 0
		if ok != fits || ok && n.BigInt().Cmp(scaled.Num()) != 0 {
			t.Errorf("%s: %s, %v; want %s, %v", literal, n.ToString(4), ok, want, fits)
		}
	})
}

var instantForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$`)

func FuzzDate(f *testing.F) {
	for _, s := range []string{"1931", "2019-05", "2024-02-29", "2024-03-01T00:30:00+02:00", "2024-03-01T00:30:00.123Z", "0000", "2023-02-29", "2024-01-01T24:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := ParseMoment([]byte(s))
		want, err := time.Parse(time.RFC3339Nano, s)
		if err == nil && instantForm.MatchString(s) && !strings.HasPrefix(s, "0000") {
			if !ok || m.Micros() != want.UnixMicro() {
				t.Errorf("%s: %d, %v, want %d", s, m.Micros(), ok, want.UnixMicro())
			}
		}
		want, err = time.Parse(time.DateOnly, s)
		if err == nil && want.Year() > 0 && (!ok || m.Days*SecondsPerDay != want.Unix()) || err != nil && ok && len(s) == len(time.DateOnly) {
			t.Errorf("%s: %d days, %v, %v", s, m.Days, ok, err)
		}
	})
}
