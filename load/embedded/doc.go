// Package embedded runs ClickHouse without a server: libchdb, which is
// ClickHouse as a shared library, in a child process of this same binary. The
// child serves ClickHouse's HTTP interface on loopback, so that load/clickhouse,
// curl and BI tools talk to it as they talk to a server.
//
//	claimlake ──Start──▶ claimlake (CLAIMLAKE_EMBEDDED=1) ──dlopen──▶ libchdb ──▶ DIR/warehouse
//	    │    settings, password: fd 4; listener: fd 5;     │
//	    │    statements to be recorded: fd 3, then fd 4    │
//	    └──────────────── HTTP on loopback ───────────────┘
//
// A child process, because the library brings its own allocator and signal
// handlers, and because a crash of it must not take a run along. The child
// lives as long as its fd 4 is open: it cannot outlive its parent, however the
// parent ends. It locks the data folder, which one process at a time may open.
//
// An insert's rows go from the request through a pipe into the engine, and a
// result out of it through another; they are never in a temporary file, and
// never whole in memory.
//
// The process confines itself to its folder before it loads the library
// (confine.go), and an engine for readers has the rights of one (config.go,
// reader.go): docs/SECURITY.md, "A reader's SQL".
package embedded
