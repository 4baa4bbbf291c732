package embedded

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/ebitengine/purego"
)

// engine is libchdb, loaded and opened on a data folder. Field names are those
// of its C interface, chdb.h, without the prefix. chdb-io/chdb-go is not used:
// it loads the library when the program starts and panics without it, in every
// command.
type engine struct {
	args   []string          // of each connection
	roles  map[string]string // of readers, by database; nil where a test took their wall away
	slots  chan struct{}     // for what readers ask
	loads  loads             // statements that may change tables
	marks  atomic.Int64      // of queries
	anchor *connection       // keeps the data folder open between requests

	connect           func(argc int32, argv **byte) *unsafe.Pointer
	closeConn         func(conn *unsafe.Pointer)
	query             func(conn unsafe.Pointer, sql, format string, names, values **byte, count uintptr) unsafe.Pointer
	destroy           func(result unsafe.Pointer)
	resultBuffer      func(result unsafe.Pointer) *byte
	resultLength      func(result unsafe.Pointer) uintptr
	resultError       func(result unsafe.Pointer) string
	resultRows        func(result unsafe.Pointer) uint64
	resultBytes       func(result unsafe.Pointer) uint64
	resultElapsed     func(result unsafe.Pointer) float64
	resultRowsWritten func(result unsafe.Pointer) uint64
	storageRows       func(result unsafe.Pointer) uint64
	storageBytes      func(result unsafe.Pointer) uint64
	setSignalHandlers func(enabled int32)
}

// openEngine loads the library and opens (or creates) the data folder dir. With walled, it
// has sessions for the readers of each database in it, and of more.
func openEngine(library, dir string, walled bool, more ...string) (*engine, error) {
	config, roles, err := configure(dir, walled, more)
	if err != nil {
		return nil, err
	}
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w; fetch it again with `make libchdb`", library, err)
	}
	e := &engine{args: []string{"clickhouse", "--path=" + dir, "--config-file=" + config}, roles: roles, slots: make(chan struct{}, maxQueries)}
	if err := e.bind(handle); err != nil {
		return nil, fmt.Errorf("%s: %w; want libchdb %s", library, err, Version)
	}
	// Its handlers sleep for minutes before a crash ends the process.
	e.setSignalHandlers(0)
	e.anchor, err = e.session()
	return e, err
}

// bind looks up the functions that are used.
func (e *engine) bind(handle uintptr) error {
	for name, fn := range map[string]any{
		"chdb_connect":                     &e.connect,
		"chdb_close_conn":                  &e.closeConn,
		"chdb_query_with_params":           &e.query,
		"chdb_destroy_query_result":        &e.destroy,
		"chdb_result_buffer":               &e.resultBuffer,
		"chdb_result_length":               &e.resultLength,
		"chdb_result_error":                &e.resultError,
		"chdb_result_rows_read":            &e.resultRows,
		"chdb_result_bytes_read":           &e.resultBytes,
		"chdb_result_elapsed":              &e.resultElapsed,
		"chdb_result_rows_written":         &e.resultRowsWritten,
		"chdb_result_storage_rows_read":    &e.storageRows,
		"chdb_result_storage_bytes_read":   &e.storageBytes,
		"chdb_set_signal_handlers_enabled": &e.setSignalHandlers,
	} {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return fmt.Errorf("no function %s", name)
		}
		purego.RegisterFunc(fn, address)
	}
	return nil
}

// session opens a connection with settings, roles and a current database of its own.
// It costs half a millisecond.
func (e *engine) session() (*connection, error) {
	argv := cStrings(e.args)
	handle := e.connect(int32(len(argv)), &argv[0])
	runtime.KeepAlive(argv)
	if handle == nil || *handle == nil {
		return nil, exception(210, "NETWORK_ERROR", "the engine does not open its data folder: another program has it open, or it is of another version")
	}
	return &connection{engine: e, handle: handle}, nil
}

// version is ClickHouse's, such as 26.5.1.1.
func (e *engine) version() (string, error) {
	var out strings.Builder
	if _, err := e.anchor.exec(&out, "SELECT version()", "TSVRaw", nil); err != nil {
		return "", fmt.Errorf("the engine does not answer: %w", err)
	}
	return strings.TrimSpace(out.String()), nil
}

// close ends the engine; running queries must have ended.
func (e *engine) close() { e.anchor.close() }

// cStrings makes an array of NUL-terminated strings.
func cStrings(list []string) []*byte {
	out := make([]*byte, len(list))
	for i, s := range list {
		out[i] = unsafe.SliceData(append([]byte(s), 0))
	}
	return out
}
