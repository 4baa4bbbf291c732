package policy

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/zeebo/xxh3"
)

// Where ids are pseudonyms, what else would lead back from a row to its resource is
// changed with them: _version, which is meta.lastUpdated to the microsecond, becomes a
// rank, and _hash is keyed.
//
// Ranks are compared among the copies of one resource and nowhere else. So a rank is the
// version, moved by a time that the key and the resource's id give: copies keep their
// order, and how far they are apart, in every run and store, and none tells when it was
// made. It is moved forward, since copies that were loaded before ranks were must not
// outrank later ones.
const (
	maxMove  = uint64(1) << 50          // in microseconds, 35 years
	lastRank = int64(10413791999999999) // 2299-12-31, the last that ClickHouse can have
)

// ranks makes ranks of versions.
func (c *changer) ranks(in arrow.Array) (arrow.Array, error) {
	versions, ok := in.(*array.Timestamp)
	at := c.batch.Schema().FieldIndices(c.table.Key[0])
	if !ok || len(at) != 1 {
		return nil, fmt.Errorf("versions of type %s", in.DataType())
	}
	ids, ok := c.batch.Column(at[0]).(*array.String)
	if !ok {
		return nil, fmt.Errorf("ids of type %s", c.batch.Column(at[0]).DataType())
	}
	b := array.NewBuilder(c.mem, in.DataType()).(*array.TimestampBuilder)
	defer b.Release()
	b.Reserve(in.Len())
	for row := range in.Len() {
		b.Append(arrow.Timestamp(min(int64(versions.Value(row))+c.secrets.move(c.table.Resource, ids.Value(row)), lastRank)))
	}
	return b.NewArray(), nil
}

// move is by how much the ranks of a resource are after its versions.
func (s *secrets) move(resourceType, id string) int64 {
	of := resourceType + "/" + id
	by, ok := s.moves[of]
	if !ok {
		by = int64(binary.BigEndian.Uint64(s.sum("rank", of)) % maxMove)
		s.moves[of] = by
	}
	return by
}

// LineHash gives the hash of lines, the column _hash, under a policy with a key: without
// the key nobody can tell whether a row is of a line that he guesses or has. Without a key
// it is the hash of rows under no policy. The function is for one goroutine.
func LineHash(key []byte) func(line []byte) uint64 {
	if len(key) == 0 {
		return xxh3.Hash
	}
	s := newSecrets(key)
	return func(line []byte) uint64 {
		sum := xxh3.Hash128(line).Bytes()
		return binary.BigEndian.Uint64(s.sum("line", string(sum[:])))
	}
}

// LineHash is LineHash of the policy's key; of no policy, that of no key.
func (p *Policy) LineHash() func(line []byte) uint64 {
	if p == nil {
		return LineHash(nil)
	}
	return LineHash(p.key)
}

// Name stands for a text that is no value of a row, such as the name of a file that a
// server or user chose: a pseudonym, where ids are such.
func (p *Policy) Name(text string) string {
	if p == nil || len(p.ranked) == 0 {
		return text
	}
	return p.secrets().pseudonym(text)
}

// Ranks gives the id that rows of a resource have, and by how much, in µs, their versions
// are after those of the resource; of no policy, its own id and nothing. The function is
// for one goroutine.
func (p *Policy) Ranks() func(resourceType, id string) (as string, move int64) {
	if p == nil || len(p.ranked) == 0 {
		return func(_, id string) (string, int64) { return id, 0 }
	}
	s := p.secrets()
	return func(resourceType, id string) (string, int64) {
		if !p.ranked[resourceType] {
			return id, 0
		}
		return s.pseudonym(id), s.move(resourceType, id)
	}
}
