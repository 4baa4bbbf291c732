// Package schemas holds the mappings that claimlake brings along: one YAML file per
// resource type, embedded into the binary.
//
//	explanation_of_benefit.yaml ┐
//	claim.yaml                  ├─ Builtin ─┐
//	patient.yaml …              ┘           ├─ Load ──▶ []*transform.Mapping ──▶ transform.Compile
//	a folder of the user's ─────────────────┘
//
// A new resource type is a new file here, and no Go code. A user who wants other
// columns copies a file to a folder of their own and changes it: a mapping there
// takes the place of the built-in one of the same resource type.
//
// Conventions of the built-in mappings: columns are named after the FHIR element in
// snake_case; a path lists the spellings of R4 first, then those of STU3 and R5.
// A child table has the id of its resource, the patient_id and the positions of its
// row, which make its key, because the sequence numbers that FHIR gives are not
// always there nor always unique. Amounts are decimal(18,4), next to their currency;
// where the sender calculated in binary floats they are rounded, but the column
// amount of adjudications has every digit that was sent.
package schemas
