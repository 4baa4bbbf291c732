package synth

import (
	"math/big"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"
)

// Whatever the claim and whichever day changed it, its amounts add up to the cent.
func TestAmountsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, err := Options{Patients: 1 + rapid.IntRange(0, 1000).Draw(t, "patients"), Seed: rapid.Uint64().Draw(t, "seed")}.check()
		if err != nil {
			t.Fatal(err)
		}
		p := newPopulation(o)
		k := historic(rapid.IntRange(0, o.Patients-1).Draw(t, "patient"), rapid.IntRange(0, 199).Draw(t, "ordinal"))
		version := rapid.IntRange(1, 9).Draw(t, "version")
		c := p.claim(k.as(role(rapid.IntRange(0, 3).Draw(t, "role"))), version, version)
		var sum amounts
		for i := range c.items {
			sum = sum.plus(c.items[i].amounts)
			balanced(t, c, c.items[i].amounts)
		}
		if sum != c.total {
			t.Errorf("lines sum to %v, total is %v", sum, c.total)
		}
	})
}

func balanced(t *rapid.T, c *claim, m amounts) {
	if c.key.copy == reversal {
		m = m.negated()
	}
	if m[submitted] != m[eligible]+m[discount]+m[noncovered] {
		t.Errorf("submitted is not eligible + discount + noncovered: %v", m)
	}
	if m[eligible] != m[benefit]+m[memberLiability]+m[priorPayerPaid] {
		t.Errorf("eligible is not paid + member liability + paid by others: %v", m)
	}
	if m[memberLiability] != m[deductible]+m[coinsurance]+m[copay] {
		t.Errorf("member liability is not deductible + coinsurance + copay: %v", m)
	}
	if m[benefit] != m[paidToProvider]+m[paidToPatient] {
		t.Errorf("benefit is not paid to provider + paid to patient: %v", m)
	}
	for _, amount := range m {
		if amount < 0 || m[submitted] <= 0 {
			t.Errorf("negative amount, or no charge: %v", m)
		}
	}
}

// What is written adds up as decimals: the lines to the totals, category by
// category, and the submitted lines of the Claim to its total.
func TestWrittenAmountsAddUp(t *testing.T) {
	day := write(t, Options{Patients: 10, Seed: 6})
	next := write(t, Options{Patients: 10, Seed: 6, Day: 2})
	checked := 0
	for _, line := range append(day["ExplanationOfBenefit"], next["ExplanationOfBenefit"]...) {
		lines := sums(gjson.GetBytes(line, "item.#.adjudication|@flatten"))
		for category, total := range sums(gjson.GetBytes(line, "total")) {
			if sum, ok := lines[category]; ok {
				checked++
				if sum.Cmp(total) != 0 {
					t.Errorf("%s: lines sum to %s, total is %s", category, sum.FloatString(4), total.FloatString(4))
				}
			}
		}
		paid := decimal(gjson.GetBytes(line, "payment.amount.value"))
		if total := sums(gjson.GetBytes(line, "total"))["benefit"]; total.Cmp(paid) != 0 {
			t.Errorf("payment is %s, benefit %s", paid.FloatString(4), total.FloatString(4))
		}
	}
	if checked < 1000 {
		t.Errorf("only %d totals have lines", checked)
	}
	for _, line := range append(day["Claim"], next["Claim"]...) {
		sum := new(big.Rat)
		for _, net := range gjson.GetBytes(line, "item.#.net.value").Array() {
			sum.Add(sum, decimal(net))
		}
		if total := decimal(gjson.GetBytes(line, "total.value")); sum.Cmp(total) != 0 {
			t.Errorf("claim: lines sum to %s, total is %s", sum.FloatString(4), total.FloatString(4))
		}
	}
}

// sums are the amounts of adjudications by the first code of their category.
func sums(adjudications gjson.Result) map[string]*big.Rat {
	out := map[string]*big.Rat{}
	for _, a := range adjudications.Array() {
		amount := a.Get("amount.value")
		if !amount.Exists() {
			continue
		}
		code := a.Get("category.coding.0.code").String()
		if out[code] == nil {
			out[code] = new(big.Rat)
		}
		out[code].Add(out[code], decimal(amount))
	}
	return out
}

// decimal is the number as it is written.
func decimal(r gjson.Result) *big.Rat {
	d, ok := new(big.Rat).SetString(r.Raw)
	if !ok {
		return new(big.Rat)
	}
	return d
}

func TestCents(t *testing.T) {
	for name, tc := range map[string]struct {
		c           cents
		short, full string
	}{
		"nothing":           {0, "0.0", "0.00"},
		"a cent":            {1, "0.01", "0.01"},
		"a dime":            {10, "0.1", "0.10"},
		"whole dollars":     {1200, "12.0", "12.00"},
		"dollars and cents": {123456, "1234.56", "1234.56"},
		"taken back":        {-3750, "-37.5", "-37.50"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(tc.c.appendShort(nil)); got != tc.short {
				t.Errorf("short %s, want %s", got, tc.short)
			}
			if got := string(tc.c.appendFull(nil)); got != tc.full {
				t.Errorf("full %s, want %s", got, tc.full)
			}
		})
	}
}

func TestDialects(t *testing.T) {
	day := write(t, Options{Patients: 10, Seed: 6})
	medicare, commercial := 0, 0
	for _, line := range day["ExplanationOfBenefit"] {
		raw := gjson.GetBytes(line, "total.0.amount.value").Raw
		_, decimals, _ := strings.Cut(raw, ".")
		if gjson.GetBytes(line, "insurer.identifier.value").String() == "CMS" {
			medicare++
			if len(decimals) == 0 || len(decimals) == 2 && decimals[1] == '0' {
				t.Errorf("Medicare writes %s", raw)
			}
		} else {
			commercial++
			if len(decimals) != 2 {
				t.Errorf("a commercial payer writes %s", raw)
			}
		}
	}
	if medicare == 0 || commercial == 0 {
		t.Errorf("%d of Medicare, %d of others", medicare, commercial)
	}
}
