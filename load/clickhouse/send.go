package clickhouse

import (
	"context"
	"fmt"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
)

// pauses are the waits before a statement is sent again.
var pauses = [...]time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}

// send inserts the block's rows. What passes by itself is tried again, with
// the same token: an insert that the server did do, but could not confirm, is
// not done twice.
func (s *Store) send(ctx context.Context, b *block) error {
	token := uuid.NewString()
	if err := again(ctx, func() error { return s.insert(ctx, b, token) }); err != nil {
		return fmt.Errorf("insert %d rows into %s: %w", b.rows, b.Versions(), terse(err))
	}
	return nil
}

// insert sends the block once. ClickHouse is not to look for rows of one key in it
// (optimize_on_insert), row by row and column by column: readers and merges do so anyway.
func (s *Store) insert(ctx context.Context, b *block, token string) error {
	ctx = ch.Context(ctx, ch.WithSettings(ch.Settings{"insert_deduplication_token": token, "optimize_on_insert": 0}))
	if s.http {
		return s.conn.InsertFormat(ctx, "Native", b.insert(), b.native())
	}
	return s.insertNative(ctx, b)
}

// insertNative sends the block over the native protocol. The columns are
// encoded already; clickhouse-go reads them as if a server had sent them.
func (s *Store) insertNative(ctx context.Context, b *block) error {
	batch, err := s.conn.PrepareBatch(ctx, b.insert())
	if err != nil {
		return err
	}
	defer batch.Close() //nolint:errcheck // sent or failed by then
	columns := batch.Columns()
	next := 0
	for i, c := range b.filled() {
		if err := columns[next].Decode(chproto.NewReader(read(c.parts())), b.rows); err != nil {
			return fmt.Errorf("column %s: %w", b.Columns[i].Name, err)
		}
		next++
	}
	if err := columns[next].Decode(chproto.NewReader(read(b.number.data.pieces)), b.rows); err != nil {
		return err
	}
	return batch.Send()
}
