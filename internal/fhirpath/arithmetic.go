package fhirpath

import "fmt"

// quotientDigits is the number of decimals of a quotient that does not end (FHIRPath:
// at least eight).
const quotientDigits = 16

// arithmetic is +, -, * or / of decimals, exactly, or + of strings (FHIRPath, "Math").
func arithmetic(op string, left, right []Value) ([]Value, error) {
	if len(left) == 0 || len(right) == 0 {
		return nil, nil
	}
	if len(left) > 1 || len(right) > 1 {
		return nil, fmt.Errorf("%s wants one item on each side", op)
	}
	a, b := left[0].primitive(), right[0].primitive()
	if op == "+" && a.kind == kindString && b.kind == kindString {
		return []Value{text(a.text+b.text, "string")}, nil
	}
	if a.kind != kindNumber || b.kind != kindNumber {
		return nil, fmt.Errorf("%s cannot compute with a %s and a %s", op, a.Kind(), b.Kind())
	}
	switch op {
	case "+":
		return []Value{number(a.num.Add(b.num))}, nil
	case "-":
		return []Value{number(a.num.Sub(b.num))}, nil
	case "*":
		return []Value{number(a.num.Mul(b.num))}, nil
	}
	if b.num.IsZero() {
		return nil, nil
	}
	return []Value{number(a.num.DivRound(b.num, quotientDigits))}, nil
}
