package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/internal/transport"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/embedded"
	"github.com/claimlake/claimlake/load/parquet"
)

// Warehouse is an open ClickHouse: a server, or the embedded engine.
type Warehouse struct {
	*clickhouse.Store
	engine *embedded.Server // nil: a server
	name   string           // the database
}

// WarehouseDir is where the embedded engine keeps the tables of a lake.
func WarehouseDir(lake string) string { return filepath.Join(lake, "warehouse") }

// OpenWarehouse opens what the configuration says: a server, or the embedded
// engine on the lake's own tables. It is nil with mode none.
func OpenWarehouse(ctx context.Context, w config.Warehouse, lake string) (*Warehouse, error) {
	return openWarehouse(ctx, w, lake, false)
}

// OpenReader opens the same for queries: as the server's read_user, or with the embedded
// engine's rights to read the lake's database and do nothing else.
func OpenReader(ctx context.Context, w config.Warehouse, lake string) (*Warehouse, error) {
	return openWarehouse(ctx, w.Reading(), lake, true)
}

func openWarehouse(ctx context.Context, w config.Warehouse, lake string, reads bool) (*Warehouse, error) {
	switch w.Mode {
	case "none":
		return nil, nil
	case "server":
		o, err := serverOptions(w)
		if err != nil {
			return nil, err
		}
		o.Reads = reads
		store, err := clickhouse.Open(ctx, o)
		if err != nil {
			return nil, err
		}
		return &Warehouse{Store: store}, nil
	}
	if _, err := parquet.Open(lake); err != nil { // its folder must be a lake's, or empty
		return nil, err
	}
	engine, err := embedded.Start(ctx, EngineOptions(lake, w.Database, reads))
	if err != nil {
		return nil, err
	}
	store, err := clickhouse.Open(ctx, clickhouse.Options{
		Addr: engine.Addr, HTTP: true, Database: w.Database, Reads: reads, User: engine.User, Password: func() (string, error) { return engine.Password, nil },
	})
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return &Warehouse{Store: store, engine: engine, name: w.Database}, nil
}

// Parquet writes the answer to a query as a Parquet file. Only the embedded engine can.
func (w *Warehouse) Parquet(ctx context.Context, sql string, out io.Writer) error {
	if w.engine == nil {
		return errors.New("parquet is written by the embedded ClickHouse only: ask the server itself, with FORMAT Parquet over its HTTP interface")
	}
	return w.engine.Ask(ctx, sql, "Parquet", w.name, out)
}

// EngineOptions are for the embedded engine on a lake's tables, with all rights or with
// those of the database's readers, whose queries see what was there before a promote or
// after.
func EngineOptions(lake, database string, reads bool) embedded.Options {
	o := embedded.Options{Dir: WarehouseDir(lake), Database: database}
	if reads {
		o.Reader, o.Pin = database, embedded.Pin{Setting: clickhouse.PinSetting, Query: clickhouse.PinQuery(database)}
	}
	return o
}

func serverOptions(w config.Warehouse) (clickhouse.Options, error) {
	o := clickhouse.Options{Addr: w.Address, HTTP: w.Protocol == "http", Database: w.Database, User: w.User}
	if w.Secure {
		pins, err := w.TLS.Pins()
		if err == nil {
			o.TLS, err = transport.TLS(transport.Options{CAFile: w.TLS.CAFile, CertFile: w.TLS.CertFile, KeyFile: w.TLS.KeyFile, Pins: pins})
		}
		if err != nil {
			return o, fmt.Errorf("warehouse.tls: %w", err)
		}
	}
	if w.PasswordFile != "" || w.PasswordEnv != "" {
		o.Password = func() (string, error) { return setup.Secret(w.PasswordFile, w.PasswordEnv) }
	}
	return o, nil
}

// Close ends the connections and the engine.
func (w *Warehouse) Close() error {
	err := w.Store.Close()
	if w.engine != nil {
		err = errors.Join(err, w.engine.Close())
	}
	return err
}
