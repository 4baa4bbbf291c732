package clickhouse

// Lengths of a buffer's pieces, in values.
const (
	minPiece = 1 << 9
	maxPiece = 1 << 17
)

// buffer is a long row of values in pieces: it grows without moving them.
type buffer[T any] struct {
	pieces [][]T
	n      int // values
}

// room gives the last piece, with room for n more values. Append them and put it back.
func (b *buffer[T]) room(n int) []T {
	if k := len(b.pieces); k > 0 && cap(b.pieces[k-1])-len(b.pieces[k-1]) >= n {
		return b.pieces[k-1]
	}
	b.pieces = append(b.pieces, make([]T, 0, max(n, min(max(b.n, minPiece), maxPiece))))
	return b.pieces[len(b.pieces)-1]
}

// put puts a piece back that room gave.
func (b *buffer[T]) put(piece []T) {
	last := &b.pieces[len(b.pieces)-1]
	b.n += len(piece) - len(*last)
	*last = piece
}

// zeros appends n zero values.
func (b *buffer[T]) zeros(n int) {
	piece := b.room(n)
	at := len(piece)
	piece = piece[:at+n]
	clear(piece[at:])
	b.put(piece)
}
