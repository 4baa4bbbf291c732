package clickhouse

// A query reads several tables, and of each the runs in _promoted, at moments of its own: a
// promote between two of them would show it one table of before and another of after. So it
// is pinned: PinQuery is asked before it, and its answer is the setting PinSetting while it
// runs. The views show the runs that were promoted until then. That is all there is of these
// runs, since rows of a run are written before it is promoted, and Compact leaves the runs
// of running queries where they are.

// PinSetting carries a pin, in microseconds since 1970, to the views. It is a setting of
// ClickHouse that decides nothing here and whose usual values are no such times; settings
// of one's own would have to be configured in a server.
const PinSetting = "odbc_bridge_connection_pool_size"

// PinQuery gives the pin of a query that begins now.
func PinQuery(database string) string {
	return "SELECT toUnixTimestamp64Micro(max(promoted_at)) FROM " + name(database) + "._promoted"
}
