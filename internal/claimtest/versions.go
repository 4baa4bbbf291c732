package claimtest

import (
	"cmp"
	"fmt"
	"slices"
)

// Counts gives the ids of the claims of one member and source that count, by "Versions of
// a claim" in docs/views.md.
func Counts(claims []Claim) (ids []string) {
	for _, c := range chains(claims) {
		ids = append(ids, c.counts()...)
	}
	slices.Sort(ids)
	return ids
}

// chain is all versions of a claim, in the order in which they were made.
type chain []*version

// version is a claim in its chain. Copies share a place.
type version struct {
	Claim
	class  Act
	place  int
	target *version // of a reversal or a cancelled claim
	undone bool     // a reversal that another one takes back
}

// chains connects claims that share a group or name each other.
func chains(claims []Claim) (list []chain) {
	of := make([]int, len(claims))
	for i := range of {
		of[i] = i
	}
	for i, a := range claims {
		for j, b := range claims {
			if i != j && connected(a, b) {
				from, to := of[j], of[i]
				for k := range of {
					if of[k] == from {
						of[k] = to
					}
				}
			}
		}
	}
	for label := range claims {
		var c chain
		for i := range claims {
			if of[i] == label {
				c = append(c, &version{Claim: claims[i]})
			}
		}
		if len(c) > 0 {
			list = append(list, c.prepared())
		}
	}
	return list
}

// connected reports whether two claims are versions of one: they share a group, a unique
// claim id or a control number, or one names the other, or both name the same.
func connected(a, b Claim) bool {
	same := func(x, y string) bool { return x != "" && x == y }
	return same(a.Group, b.Group) && !placeholder(a.Group) || same(a.Unique, b.Unique) || same(a.Control, b.Control) && a.Month == b.Month ||
		b.is(a.Prior) || b.is(a.Later) || a.Prior.Value != "" && a.Prior == b.Prior || a.Later.Value != "" && a.Later == b.Later || a.Prior.Value != "" && a.Prior == b.Later
}

func (c chain) prepared() chain {
	slices.SortFunc(c, func(a, b *version) int {
		return cmp.Or(cmp.Compare(a.Made, b.Made), cmp.Compare(a.Changed, b.Changed), cmp.Compare(a.ID, b.ID))
	})
	for _, v := range c {
		v.class = c.classOf(v)
	}
	for i, v := range c {
		v.place = i
		for j, earlier := range c[:i] {
			if c.copies(earlier, v) {
				v.place = j
				break
			}
		}
	}
	for _, v := range c {
		v.undone = v.class == Reversal && slices.ContainsFunc(c, func(by *version) bool {
			return by.class == Reversal && slices.ContainsFunc(c, func(w *version) bool { return w.class == Reversal && w.place == v.place && w != by && w.is(by.Prior) })
		})
	}
	for _, v := range c {
		v.target = c.targetOf(v)
	}
	return c
}

// copies reports whether two are the same claim, sent under two ids: they were made at
// one time, have the same amounts and name the same prior.
func (c chain) copies(a, b *version) bool {
	return a.class == b.class && a.Made == b.Made && a.Month == b.Month && a.Billing == b.Billing && same(a.Charge, b.Charge) && same(a.Paid, b.Paid) &&
		(a.Prior.Way == ByNothing) == (b.Prior.Way == ByNothing) && c.prior(a) == c.prior(b)
}

// prior is the identifier that a claim names, if another claim of the chain has it.
func (c chain) prior(v *version) (n Name) {
	for _, w := range c {
		if w.is(v.Prior) && !v.is(v.Prior) {
			n = Name{v.Prior.Way.identifier(), v.Prior.Value}
		}
	}
	return n
}

func same(a, b *int64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func value(a *int64) int64 {
	if a == nil {
		return 0
	}
	return *a
}

func abs(n int64) int64 { return max(n, -n) }

func (c chain) classOf(v *version) Act {
	charge, paid := value(v.Charge), value(v.Paid)
	paidBefore := slices.ContainsFunc(c, func(w *version) bool { return w.Act != Void && value(w.Paid) > 0 && value(w.Paid) == -paid })
	switch {
	case v.Act == Void:
		return Void
	case v.Act == Reversal && v.Code != "", charge < 0, charge == 0 && paid < 0:
		return Reversal
	case paid < 0 && (v.Prior.Way != ByNothing || paidBefore):
		return Reversal
	case v.Act == Cancelled:
		return Cancelled
	default:
		return Bill
	}
}

// named are the versions of a class that one names.
func (c chain) named(v *version, class Act) (list []*version) {
	for _, w := range c {
		if w != v && w.class == class && w.is(v.Prior) && !v.is(v.Prior) {
			list = append(list, w)
		}
	}
	return list
}

// targetOf is what a reversal takes back, or nil.
func (c chain) targetOf(v *version) *version {
	if v.class != Reversal && v.class != Cancelled {
		return nil
	}
	if v.class == Reversal && len(c.named(v, Reversal)) > 0 {
		return nil // it takes back a reversal
	}
	names := v.Prior.Way != ByNothing
	named := c.named(v, Bill)
	if v.class == Cancelled && names {
		return last(named)
	}
	if n := last(named); n != nil && sameAmounts(v, n) {
		return n
	}
	// One that names nothing may be dated before what it takes back, unless that names it.
	late := !names && v.class == Reversal && !slices.ContainsFunc(c, func(by *version) bool {
		return by.class == Bill && by.Billing == "" && v.is(by.Prior) && !by.is(by.Prior)
	})
	if value(v.Paid) != 0 {
		if t := c.near(v, late, func(w *version) bool { return abs(value(w.Paid)) == abs(*v.Paid) }); t != nil {
			return t
		}
	}
	if value(v.Charge) != 0 {
		if t := c.near(v, late, func(w *version) bool { return abs(value(w.Charge)) == abs(*v.Charge) }); t != nil {
			return t
		}
	}
	any := func(*version) bool { return true }
	switch {
	case len(named) > 0:
		return last(named)
	case names:
		return nil
	case v.class == Cancelled || v.Code != "" || value(v.Paid) == 0 && value(v.Charge) == 0:
		return c.near(v, late && value(v.Paid) == 0 && value(v.Charge) == 0, any)
	default:
		if t := c.near(v, false, any); t != nil && partial(v, t) {
			return t
		}
		return nil
	}
}

func last(list []*version) *version {
	if len(list) == 0 {
		return nil
	}
	return slices.MaxFunc(list, func(a, b *version) int { return cmp.Compare(a.place, b.place) })
}

// sameAmounts reports whether a reversal has the amounts of what it names: the payments
// if both say some, else the charges.
func sameAmounts(v, named *version) bool {
	switch {
	case v.Paid != nil && named.Paid != nil:
		return abs(*v.Paid) == abs(*named.Paid)
	case v.Charge != nil && named.Charge != nil:
		return abs(*v.Charge) == abs(*named.Charge)
	default:
		return true
	}
}

// near is the last bill that was made before, else one of the same time, else, if late,
// the first after.
func (c chain) near(v *version, late bool, ok func(*version) bool) (found *version) {
	var bills []*version
	for _, w := range c {
		if w.class == Bill && ok(w) {
			bills = append(bills, w)
		}
	}
	for _, w := range bills {
		if w.Made < v.Made && (found == nil || w.place > found.place) {
			found = w
		}
	}
	for _, w := range bills {
		if found == nil && (w.Made == v.Made || late && w.Made > v.Made) {
			found = w
		}
	}
	return found
}

// partial reports whether a reversal takes back a part only.
func partial(v, target *version) bool {
	switch {
	case v.class != Reversal || v.Code != "":
		return false
	case value(v.Paid) != 0 && value(target.Paid) != 0:
		return abs(*v.Paid) < abs(*target.Paid)
	case value(v.Charge) != 0 && value(target.Charge) != 0:
		return abs(*v.Charge) < abs(*target.Charge)
	default:
		return false
	}
}

// counts are those of a chain that count, of each of its bills.
func (c chain) counts() (ids []string) {
	done := map[string]bool{}
	for _, v := range c {
		if v.class == Bill && !done[v.bill()] {
			done[v.bill()] = true
			ids = append(ids, c.countsOf(c.standing(v.bill()))...)
		}
	}
	return ids
}

// bill parts interim bills of several months and late charges, which count in addition to each
// other.
func (v *version) bill() string {
	if v.Billing == "" {
		return ""
	}
	return fmt.Sprint(v.Billing, v.Month)
}

// countsOf are those that count of a bill: the last that none replaces, unless it is
// taken back, and what takes back a part of it.
func (c chain) countsOf(standing *version) (ids []string) {
	if standing == nil {
		return nil
	}
	takes := func(v *version) bool { return v.target != nil && v.target.place == standing.place && !v.undone }
	if slices.ContainsFunc(c, func(v *version) bool { return takes(v) && !partial(v, v.target) }) {
		return nil
	}
	once := map[int]string{}
	for _, v := range c {
		if v.class == Bill && v.place == standing.place && !v.NotFinal || takes(v) {
			if id, ok := once[v.place]; !ok || v.ID < id {
				once[v.place] = v.ID
			}
		}
	}
	for _, id := range once {
		ids = append(ids, id)
	}
	return ids
}

// standing is the version that stands for a bill of the claim, or nil.
func (c chain) standing(bill string) *version {
	var left, replaced []*version
	isCircle := true
	for _, v := range c {
		if v.class != Bill || v.NotFinal {
			continue
		}
		switch c.replacedBy(v) {
		case inTheChain:
			replaced = append(replaced, v)
		case elsewhere:
			isCircle = false
		default:
			isCircle = false
			if v.bill() == bill {
				left = append(left, v)
			}
		}
	}
	if v := last(replaced); isCircle && v != nil && v.bill() == bill {
		return v
	}
	return last(left)
}

const (
	byNone = iota
	inTheChain
	elsewhere
)

// replacedBy says whether one replaces a version: it names it, or a reversal of it, or
// the version says so itself.
func (c chain) replacedBy(v *version) int {
	result := byNone
	for _, w := range c {
		if w.class != Bill || w.place != v.place {
			continue
		}
		for _, by := range c {
			if by.class == Bill && by.is(w.Later) {
				return inTheChain
			}
			if by.class != Bill || by.Billing != "" || by.place == v.place {
				continue
			}
			names := slices.Contains(c.named(by, Bill), w) || slices.ContainsFunc(c.named(by, Reversal), func(r *version) bool { return r.target != nil && r.target.place == v.place })
			if names {
				return inTheChain
			}
		}
		if w.Later.Way != ByNothing && !c.isVoid(w.Later) {
			result = elsewhere
		}
	}
	return result
}

// isVoid reports whether what is named is there and has no effect.
func (c chain) isVoid(n Name) bool {
	void := false
	for _, w := range c {
		if w.is(n) {
			if w.class != Void {
				return false
			}
			void = true
		}
	}
	return void
}
