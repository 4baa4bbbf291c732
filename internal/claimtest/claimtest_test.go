package claimtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is drawn has each kind of what can happen.
func TestDrawHasAllKinds(t *testing.T) {
	seen := map[Act]int{}
	ways := map[Way]int{}
	counted := 0
	for _, h := range Draw(1, 2000) {
		for _, c := range h.Claims {
			seen[c.Act]++
			ways[c.Prior.Way]++
		}
		counted += len(Counts(h.Claims))
	}
	t.Log(seen, ways, counted)
	for a := Bill; a <= Void; a++ {
		if seen[a] < 100 {
			t.Errorf("act %d: %d", a, seen[a])
		}
	}
	for w := ByNothing; w <= ByClaimOfID; w++ {
		if ways[w] < 20 {
			t.Errorf("way %d: %d", w, ways[w])
		}
	}
}

// A payer adjusts, takes back and bills again the one version that stands. Whatever names
// what, and whatever the dates where all is named, that one counts.
func TestCountsFollowAPayer(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(7, 7))}
	for range 20_000 {
		var claims []Claim
		var standing, reversal *Claim
		shares := d.in(2)
		dates := d.IntN(3)
		for i, n := 0, 1+d.IntN(6); i < n; i++ {
			amount := int64(1000 + 100*i) // none like another
			c := Claim{ID: fmt.Sprint("v", d.IntN(1000), "-", i), Month: 1, Charge: &amount, Paid: &amount, Made: 24 * i, Changed: 24 * i}
			if !shares && dates > 0 {
				c.Made = []int{0, 0, 24 * d.IntN(n)}[dates]
			}
			if shares {
				c.Group = "g"
			}
			before := standing
			switch {
			case standing != nil && d.in(2): // taken back
				c.Act, c.Charge, c.Paid = Reversal, negative(standing.Charge), negative(standing.Paid)
				standing, reversal = nil, &c
			case standing == nil && reversal != nil: // billed again
				before, standing = reversal, &c
			default:
				standing = &c
			}
			if before != nil && (!shares || d.in(2)) {
				c.Prior = Name{ByReference, before.ID}
			}
			claims = append(claims, c)
		}
		d.Shuffle(len(claims), func(i, j int) { claims[i], claims[j] = claims[j], claims[i] })
		var want []string
		if standing != nil {
			want = []string{standing.ID}
		}
		if got := Counts(claims); !slices.Equal(got, want) {
			for _, c := range claims {
				t.Log(c)
			}
			t.Fatalf("%q count, want %q", got, want)
		}
	}
}
