// Package embedded runs ClickHouse without a server: libchdb, which is
// ClickHouse as a shared library, in a child process of this same binary. The
// child serves ClickHouse's HTTP interface on loopback, so that load/clickhouse,
// curl and BI tools talk to it as they talk to a server.
//
//	claimlake sync ──Start──┐ starts it: DIR/warehouse is free
//	                        ▼
//	     claimlake (CLAIMLAKE_EMBEDDED=1) ──dlopen──▶ libchdb ──▶ DIR/warehouse
//	                        ▲
//	claimlake query ──Start─┘ joins it: DIR/warehouse/.engine/socket
//
// One process can have a data folder open, so all share the child that the first of
// them starts (join.go). Each is connected to it by a Unix socket as long as it lives.
// Over that goes what it wants (its order: the password, the rights, and the listener
// on which the child is to serve it) and the statements that it records; queries and
// rows go by HTTP. Only the folder's owner can open the socket. The folder's lock,
// which the child inherits, decides who starts it, so that there are never two.
//
// A child process, because the library brings its own allocator and signal
// handlers, and because a crash of it must not take a run along. The child ends
// with the last process that uses it, however that ends; where it ends before
// them, one of them starts another, and all go on with that at their old addresses.
//
// An insert's rows go from the request through a pipe into the engine, and a
// result out of it through another; they are never in a temporary file, and
// never whole in memory.
//
// The process confines itself to its folder before it loads the library
// (confine.go), and readers' sessions have the rights of one (config.go,
// rights.go, reader.go): docs/SECURITY.md, "A reader's SQL".
package embedded
