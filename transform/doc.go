// Package transform flattens FHIR resources: lineage.Pages in, Arrow record
// batches out, one per table.
//
//	mapping (YAML) ──ParseMapping──▶ Mapping ──Compile──▶ Plan, shared
//	                                                        │ NewFlattener, one per worker
//	Page ──lines──▶ scan ──spans──▶ frames ──gather──▶ columns ──▶ Result{Batches, Rejects}
//
// A mapping says in gjson paths which elements become rows and which values
// become columns. Compile joins all paths of a resource type into one trie, and
// the scan walks each line once, forward: it validates the bytes, skips what no
// path wants and notes where wanted values stand (a span), without converting or
// allocating. Every array element that is a row, or that a filter must judge, has
// a frame with a slot for each of its paths; a filter such as
// #(system=="x") is decided at the end of its element, so that the order of keys
// does not matter. Frames outlive their element because a child row may need a
// key of its parent that comes later in the line. Once a chunk of lines is
// scanned, gather picks each column's spans and the column converts them into its
// Arrow array, by what types says of its type and with package value.
//
// Three things a mapping can say beyond gjson: ^ and $ lead to a row's parents and
// resource; provider.@contained.name leads on to the contained resource that the
// reference provider names; and in a list column type.#.coding.#.code is one list,
// which gjson would nest.
//
// The results equal gjson's: of a repeated key the first counts, and where the
// first does not have what the rest of the path asks for, the next. A path that
// the compiler does not know is evaluated by gjson on the smallest enclosing
// value; Plan.Explain lists those.
package transform
