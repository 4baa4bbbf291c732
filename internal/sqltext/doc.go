// Package sqltext looks at ClickHouse SQL without running it: where its words and strings
// are, and whether a statement only reads.
package sqltext
