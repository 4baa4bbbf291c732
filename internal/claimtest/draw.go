package claimtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// History is what came of a member from a source.
type History struct {
	Source, Patient string
	Claims          []Claim
}

// sources are those of the histories, and runs how many loads each has.
var sources = []string{"a", "b"}

// Runs is in how many runs a history comes at most.
const Runs = 2

// Draw draws so many histories. Sources have members and claims of the same ids, and
// members share placeholders for groups.
func Draw(seed uint64, n int) (list []History) {
	d := dice{rand.New(rand.NewPCG(seed, 1))}
	for i := range n {
		h := History{Source: sources[i%len(sources)], Patient: fmt.Sprintf("m%d", i/len(sources))}
		for k := range 1 + d.IntN(2) {
			h.Claims = append(h.Claims, d.chain(fmt.Sprintf("%s-%d", h.Patient, k), fmt.Sprintf("%d", i/(2*len(sources))))...)
		}
		list = append(list, h)
	}
	return list
}

// placeholders stand for groups that are none, the last since many members have it.
var placeholders = []string{"99999999999", "0", "0000", "UNASSIGNED"}

func placeholder(group string) bool { return slices.Contains(placeholders, group) }

type dice struct{ *rand.Rand }

// in says yes once in n times.
func (d dice) in(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// chain draws what happens to one claim. Its versions share an identifier of a kind, or
// none.
func (d dice) chain(id, group string) (list []Claim) {
	shares, dates, interim := d.IntN(4), d.IntN(6), d.in(8)
	n := 1 + d.IntN(5)
	order := d.Perm(n)
	for i := range n {
		var c Claim
		switch {
		case i > 0 && d.in(6):
			c = list[d.IntN(i)] // a copy
			c.ID = fmt.Sprintf("%s-%d", id, order[i])
			list = append(list, c)
			continue
		case i == 0 && !d.in(6) || d.in(2):
			c = d.bill()
		default:
			c = d.undo(list)
		}
		c.ID, c.Month, c.Style, c.Run = fmt.Sprintf("%s-%d", id, order[i]), 1+d.IntN(2), d.IntN(6), d.IntN(Runs)
		c.Made, c.Changed = d.times(dates, i, n)
		if interim && c.Act != Reversal {
			c.Billing = pick(d, "interim", "interim", "late", "")
		}
		d.call(&c, fmt.Sprintf("%s-%d", id, i), id, shares, group)
		if i > 0 && (shares == 0 || d.in(2)) {
			c.Prior = d.prior(list, id)
		}
		list = append(list, c)
	}
	d.connectOtherwise(list)
	return list
}

// times are those of the claim i of n: in order, all the same, or in any order.
func (d dice) times(how, i, n int) (made, changed int) {
	const day = 24
	switch how {
	case 0:
		return day, day
	case 1:
		return day * d.IntN(n), day * d.IntN(n)
	default:
		return day * (i + 1), day * (i + 1 + d.IntN(2))
	}
}

func (d dice) bill() Claim {
	c := Claim{Charge: d.cents(), Paid: d.cents()}
	if d.in(8) {
		c.Paid = nil
	}
	if d.in(10) {
		c.Act = Void
		c.Status = pick(d, "entered-in-error", "draft", "queued", "error", "preauthorization")
	}
	return c
}

// cents is one of a few amounts, so that they repeat; seldom zero.
func (d dice) cents() *int64 {
	n := int64(pick(d, 10000, 10000, 10000, 8000, 5025, 3333, 0))
	return &n
}

func negative(n *int64) *int64 {
	if n == nil {
		return nil
	}
	m := -*n
	return &m
}

// codes are those by which CMS cancels a claim; see spell.
var codes = []string{"tob 0118", "tob 118", "tob 8", "query 0", "fi 2", "fi 4", "fi 6", "carrier 3", "pde D"}

// undo draws a reversal of one of the claims so far, mostly with its amounts.
func (d dice) undo(before []Claim) Claim {
	c := d.bill()
	if len(before) > 0 && !d.in(6) {
		c = before[d.IntN(len(before))]
		c = Claim{Charge: c.Charge, Paid: c.Paid}
	}
	c.Act, c.Status = Reversal, ""
	switch d.IntN(6) {
	case 0:
		c.Act, c.Status = Cancelled, "cancelled"
	case 1:
		c.Code = pick(d, codes...)
	case 2:
		c.Code, c.Charge, c.Paid = pick(d, codes...), negative(c.Charge), negative(c.Paid)
	case 3:
		c.Code, c.Charge, c.Paid = pick(d, codes...), nil, nil
	case 4:
		c.Paid = negative(c.Paid) // and the charge as it was
	default:
		c.Charge, c.Paid = negative(c.Charge), negative(c.Paid)
	}
	return c
}

// call gives a claim its identifiers. Its versions share the group, the unique claim id or
// the control number, as shares says.
func (d dice) call(c *Claim, own, id string, shares int, group string) {
	if !d.in(4) {
		c.Unique = "u-" + own
	}
	if d.in(2) {
		c.ClaimID = "c-" + own
	}
	if d.in(2) {
		c.Control = "n-" + own
	}
	switch shares {
	case 0:
		if d.in(4) {
			c.Group = pick(d, placeholders...)
		}
	case 1:
		c.Group = "g-" + group + "-" + id[len(id)-1:]
	case 2:
		c.Unique = "u-" + id
	case 3:
		c.Control, c.Month = "n-"+id, 1
	}
}

// prior names one of the claims so far, mostly the last, or one that is not there.
func (d dice) prior(before []Claim, id string) Name {
	switch {
	case d.in(8):
		return Name{ByReference, id + "-absent"}
	case d.in(3):
		return pick(d, before[d.IntN(len(before))].ways()...)
	default:
		return pick(d, before[len(before)-1].ways()...)
	}
}

// connectOtherwise makes a circle of some chains, tags some, and lets some say what
// replaces them.
func (d dice) connectOtherwise(list []Claim) {
	final := len(list) - 1
	switch {
	case d.in(10) && final > 0 && list[0].Act == Bill:
		list[0].Prior = Name{ByReference, list[final].ID}
	case d.in(8) && list[0].Act == Bill:
		list[0].Later = Name{ByReference, pick(d, list[final].ID, list[final].ID, list[0].ID+"-absent")}
	case d.in(8):
		for i := range list[:final] {
			list[i].NotFinal = list[i].Act == Bill
		}
	}
	for i := range list {
		if list[i].Later.Value == list[i].ID || list[i].is(list[i].Prior) {
			list[i].Later, list[i].Prior = Name{}, Name{}
		}
	}
}
