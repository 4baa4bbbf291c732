package clickhouse

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// again does what may be done twice until it succeeds, or fails for what does not pass
// by itself. Whether a statement was done is not known where its answer was lost.
func again(ctx context.Context, do func() error) error {
	for attempt := 0; ; attempt++ {
		err := do()
		if err == nil || attempt == len(pauses) || !passes(err) || errors.Is(err, sql.ErrNoRows) || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pauses[attempt]):
		}
	}
}

// steady is a connection whose statements are sent again where that may help. All that
// this package sends by Exec and QueryRow may be done twice.
type steady struct{ driver.Conn }

// Exec implements driver.Conn.
func (c steady) Exec(ctx context.Context, query string, args ...any) error {
	return again(ctx, func() error { return c.Conn.Exec(ctx, query, args...) })
}

// QueryRow implements driver.Conn.
func (c steady) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	return steadyRow{ctx: ctx, ask: func() driver.Row { return c.Conn.QueryRow(ctx, query, args...) }}
}

// steadyRow asks when it is read.
type steadyRow struct {
	ctx context.Context //nolint:containedctx // the query's
	ask func() driver.Row
}

// Err implements driver.Row.
func (r steadyRow) Err() error { return again(r.ctx, func() error { return r.ask().Err() }) }

// Scan implements driver.Row.
func (r steadyRow) Scan(dest ...any) error {
	return again(r.ctx, func() error { return r.ask().Scan(dest...) })
}

// ScanStruct implements driver.Row.
func (r steadyRow) ScanStruct(dest any) error {
	return again(r.ctx, func() error { return r.ask().ScanStruct(dest) })
}
