package claimtest

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// CountsSQL asks what Compare compares.
const CountsSQL = `SELECT _source, patient_id, claim_id, claim_start_date, sum(charge_amount), sum(paid_amount)
FROM claim_line WHERE is_final_action AND _source IN ('a', 'b') GROUP BY _source, patient_id, claim_id, claim_start_date`

// Compare compares which claims of histories count, and their sums by member and month,
// with the rows of CountsSQL. It shows the smallest histories that differ.
func Compare(t testing.TB, drawn []History, rows [][]string) {
	t.Helper()
	got := map[string][]string{}
	sums := map[string]*big.Rat{}
	for _, r := range rows {
		member := r[0] + " " + r[1]
		got[member] = append(got[member], r[2])
		for i, kind := range []string{"charge", "paid"} {
			addTo(t, sums, member+" "+r[3][:7]+" "+kind, r[4+i])
		}
	}
	differ := slices.DeleteFunc(slices.Clone(drawn), func(h History) bool { return h.differs(got, sums) == "" })
	slices.SortFunc(differ, func(a, b History) int { return cmp.Compare(len(a.Claims), len(b.Claims)) })
	for i, h := range differ {
		if i == 5 {
			t.Errorf("%d of %d histories differ", len(differ), len(drawn))
			break
		}
		var text strings.Builder
		for _, c := range h.Claims {
			fmt.Fprintln(&text, c)
		}
		t.Errorf("%s %s: %s\n%s", h.Source, h.Patient, h.differs(got, sums), &text)
	}
}

func addTo(t testing.TB, sums map[string]*big.Rat, key, text string) {
	t.Helper()
	if text == "" || text == `\N` || text == "NULL" {
		return
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%s is %s", key, text)
	}
	if sums[key] != nil {
		n.Add(n, sums[key])
	}
	sums[key] = n
}

// differs says how the claims that count, or their sums, differ; "" if they do not.
func (h History) differs(got map[string][]string, sums map[string]*big.Rat) string {
	member := h.Source + " " + h.Patient
	want, have := Counts(h.Claims), slices.Sorted(slices.Values(got[member]))
	if !slices.Equal(have, want) {
		return fmt.Sprintf("%q count, want %q", have, want)
	}
	for month := 1; month <= 2; month++ {
		for i, kind := range []string{"charge", "paid"} {
			key := fmt.Sprintf("%s 2024-%02d %s", member, month, kind)
			all := new(big.Rat)
			for _, c := range h.Claims {
				if n := []*int64{c.Charge, c.Paid}[i]; c.Month == month && slices.Contains(want, c.ID) {
					all.Add(all, big.NewRat(c.said(n), 100))
				}
			}
			if s := sums[key]; s == nil && all.Sign() != 0 || s != nil && s.Cmp(all) != 0 {
				return fmt.Sprintf("%s is %s, want %s", key, s, all)
			}
		}
	}
	return ""
}

// said is an amount as the lines say it.
func (c Claim) said(n *int64) int64 {
	if c.Style == 3 {
		return abs(value(n))
	}
	return value(n)
}

// String says what a claim is in a line, for a test that failed.
func (c Claim) String() string {
	amount := func(n *int64) string {
		if n == nil {
			return "-"
		}
		return string(cents(*n))
	}
	return fmt.Sprintf("%s run %d: %s %s%s made %d changed %d month %d %s charge %s paid %s style %d claim %q uc %q control %q group %q prior %d %q later %q not final %t",
		c.ID, c.Run, [...]string{"bill", "reversal", "cancelled", "void"}[c.Act], c.Code, c.Status, c.Made, c.Changed, c.Month, c.Billing, amount(c.Charge), amount(c.Paid), c.Style,
		c.ClaimID, c.Unique, c.Control, c.Group, c.Prior.Way, c.Prior.Value, c.Later.Value, c.NotFinal)
}

// MoneySQL asks what CompareMoney compares, of a source: the sums of claim_line, and
// claim_balance.
func MoneySQL(source string) (lines, balances string) {
	var b strings.Builder
	for _, kind := range Kinds {
		fmt.Fprintf(&b, ", sum(%s_amount)", kind)
	}
	return fmt.Sprintf("SELECT claim_id%s FROM claim_line WHERE _source = '%s' GROUP BY claim_id", &b, source),
		fmt.Sprintf("SELECT claim_id, kind, amount, header_amount, taken_from, difference FROM claim_balance WHERE _source = '%s'", source)
}

// CompareMoney compares what statements say with the sums of their lines and with their
// balances.
func CompareMoney(t testing.TB, drawn []*Statement, lines, balances [][]string) {
	t.Helper()
	got := map[string][]string{}
	for _, r := range balances {
		got[r[0]+" "+r[1]] = append([]string{""}, r[2:]...)
	}
	for _, r := range lines {
		for i, kind := range Kinds {
			if b := got[r[0]+" "+kind]; b != nil {
				b[0] = r[1+i]
			} else if r[1+i] != "" {
				got[r[0]+" "+kind] = []string{r[1+i]}
			}
		}
	}
	wrong := 0
	for _, s := range drawn {
		for _, kind := range Kinds {
			key := s.ID + " " + kind
			var want []string
			if b, ok := s.Says(kind); ok {
				want = []string{decimal(b.Amount), decimal(b.Amount), decimal(b.Header), b.From, b.difference()}
			}
			have := got[key]
			if have != nil && have[0] == "" { // of no line, so that there is none to say zero
				have[0] = decimal(new(int64))
			}
			if !slices.Equal(have, want) {
				if wrong++; wrong <= 5 {
					t.Errorf("%s: claim_line, claim_balance, header, origin and difference are %q, want %q\n%s", key, have, want, s.Line())
				}
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d amounts are wrong", wrong, len(drawn)*len(Kinds))
	}
}

// difference is what lines say more than the header, where both say something.
func (b Balance) difference() string {
	if b.Header == nil || slices.Contains([]string{"adjudication", "total", "payment", "benefit balance"}, b.From) {
		return ""
	}
	return decimal(plus(b.Amount, negative(b.Header)))
}

func decimal(n *int64) string {
	if n == nil {
		return ""
	}
	return string(cents(*n)) + "00"
}
