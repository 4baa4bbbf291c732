package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Codes of ClickHouse's errors that mean something here.
const (
	unknownDatabase = 81
	authFailed      = 516
)

// Options says which ClickHouse, and as whom.
type Options struct {
	Addr     string                 // host:port
	HTTP     bool                   // the HTTP interface instead of the native protocol
	Database string                 // made when missing; "" for "claimlake"
	User     string                 // "" for "default"
	Password func() (string, error) // nil for none; a func, so that no print of Options shows it
	TLS      *tls.Config            // nil for none
	Settings map[string]any         // ClickHouse settings of every query
	Reads    bool                   // for queries only: a missing database is an error
}

// Store is a ClickHouse database. It may be used concurrently.
type Store struct {
	conn driver.Conn
	http bool
	name string // the database

	mu      sync.Mutex
	layouts map[string]layout // of the tables that Migrate made
	views   *keeping          // that MakeViews made; nil: none
	chunk   uint64            // tests: of how many resources rows of views are computed at once; 0: the usual
}

// madeLayouts are the tables that Migrate made, by name.
func (s *Store) madeLayouts() map[string]layout {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.layouts
}

// keeping is what MakeViews made; nil: nothing.
func (s *Store) keeping() *keeping {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views
}

func (s *Store) setKept(k *keeping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views = k
}

// Open connects and makes the database when it is missing.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Database == "" {
		o.Database = "claimlake"
	}
	s, err := o.connect(ctx, o.Database)
	if code(err) != unknownDatabase {
		return s, err
	}
	if o.Reads {
		return nil, fmt.Errorf("ClickHouse at %s has no database %s: check warehouse.database, or load it with `claimlake warehouse fill`", o.Addr, o.Database)
	}
	first, err := o.connect(ctx, "")
	if err != nil {
		return nil, err
	}
	defer first.Close() //nolint:errcheck // nothing is pending
	if err := first.conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+name(o.Database)); err != nil {
		return nil, fmt.Errorf("make the ClickHouse database %s: %w", o.Database, err)
	}
	return o.connect(ctx, o.Database)
}

// connect opens a connection pool and tries it.
func (o Options) connect(ctx context.Context, database string) (*Store, error) {
	opt := &ch.Options{
		Addr:         []string{o.Addr},
		Auth:         ch.Auth{Database: database, Username: o.User},
		TLS:          o.TLS,
		Settings:     o.Settings,
		DialTimeout:  10 * time.Second,
		ReadTimeout:  time.Hour, // a promote of a large run answers once, at its end
		MaxOpenConns: 64,
		MaxIdleConns: 16,
		Compression:  &ch.Compression{Method: ch.CompressionLZ4},
	}
	if o.HTTP {
		opt.Protocol, opt.Compression = ch.HTTP, nil
	}
	if o.User == "" {
		opt.Auth.Username = "default"
	}
	if o.Password != nil {
		var err error
		if opt.Auth.Password, err = o.Password(); err != nil {
			return nil, fmt.Errorf("password of ClickHouse at %s: %w", o.Addr, err)
		}
	}
	conn, err := ch.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("ClickHouse at %s: %w", o.Addr, err)
	}
	if err := conn.Ping(ctx); err != nil {
		_ = conn.Close()
		return nil, o.explain(err)
	}
	return &Store{conn: steady{conn}, http: o.HTTP, name: database}, nil
}

// explain says what to do about a connection that failed.
func (o Options) explain(err error) error {
	switch {
	case code(err) == authFailed:
		return fmt.Errorf("ClickHouse at %s refuses user %q: check warehouse.user and its password: %w", o.Addr, o.User, err)
	case code(err) != 0 || errors.Is(err, context.Canceled):
		return fmt.Errorf("ClickHouse at %s: %w", o.Addr, err)
	}
	return fmt.Errorf("ClickHouse at %s does not answer: is it running, and are warehouse.address, protocol and secure right? %w", o.Addr, withoutURL(err))
}

// Close ends the connections.
func (s *Store) Close() error { return s.conn.Close() }
