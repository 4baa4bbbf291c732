// Package coverage counts which values of resources reach a column, by resource
// type and path, so that nothing is left out unnoticed.
//
//	line ──Tracer.Trace──▶ leaves ──Tally──▶ Type{share, Path, Path, …}
package coverage
