-- The ledger as it was before its schema had a version: IF NOT EXISTS, since it may be there
-- already, or some of it. Times are UTC, RFC 3339 with microseconds.
CREATE TABLE IF NOT EXISTS run (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    source           TEXT NOT NULL,
    kind             TEXT NOT NULL,             -- sync, flatten or replay
    state            TEXT NOT NULL,             -- running, promoting, promoted, failed
    started          TEXT NOT NULL,
    finished         TEXT,
    transaction_time TEXT,                      -- of the export; NULL until the manifest is there
    warehouse        INTEGER NOT NULL,          -- 1 when the run was loaded into ClickHouse too
    mapping          TEXT NOT NULL,             -- hash over all mappings in use
    request          TEXT NOT NULL DEFAULT '',  -- what was asked of the source
    status_url       TEXT,                      -- of the export, with its query: some servers name the job there
    error            TEXT                       -- never holds content
);

CREATE TABLE IF NOT EXISTS whole (                -- syncs that asked for everything
    run TEXT PRIMARY KEY REFERENCES run (id)
);

CREATE TABLE IF NOT EXISTS subset (               -- runs that asked for some elements of resources only
    run TEXT PRIMARY KEY REFERENCES run (id)
);

CREATE TABLE IF NOT EXISTS published (            -- where runs of published files ended
    run              TEXT PRIMARY KEY REFERENCES run (id),
    page             TEXT NOT NULL,             -- URL; a credential at some servers
    etag             TEXT NOT NULL,
    transaction_time TEXT                       -- of the page
);

CREATE TABLE IF NOT EXISTS poll (                 -- of exports that are waited for
    run   TEXT PRIMARY KEY REFERENCES run (id),
    next  TEXT NOT NULL,                        -- the status may not be asked for sooner
    every INTEGER NOT NULL                      -- milliseconds between polls
);

CREATE TABLE IF NOT EXISTS unreadable (           -- types that were asked for, and that the token did not let be read
    run           TEXT NOT NULL REFERENCES run (id),
    resource_type TEXT NOT NULL,
    PRIMARY KEY (run, resource_type)
);

CREATE TABLE IF NOT EXISTS left_out (             -- types that were not asked for, since the server does not export them
    run           TEXT NOT NULL REFERENCES run (id),
    resource_type TEXT NOT NULL,
    PRIMARY KEY (run, resource_type)
);

CREATE TABLE IF NOT EXISTS owed (                 -- runs whose export the server may forget, and has not been told
    run TEXT PRIMARY KEY REFERENCES run (id)
);

CREATE TABLE IF NOT EXISTS file (
    run           TEXT NOT NULL REFERENCES run (id),
    id            TEXT NOT NULL,
    name          TEXT NOT NULL,                -- path, or URL without its query
    resource_type TEXT NOT NULL,                -- as announced; '' when any type may come
    deletes       INTEGER NOT NULL DEFAULT 0,   -- 1 when its lines are Bundles of deletions
    state         TEXT NOT NULL,                -- pending, done, failed
    announced     INTEGER,                      -- the manifest's count
    bytes         INTEGER NOT NULL DEFAULT 0,   -- decoded
    lines         INTEGER NOT NULL DEFAULT 0,
    landed        INTEGER NOT NULL DEFAULT 0,
    unchanged     INTEGER NOT NULL DEFAULT 0,
    unmapped      INTEGER NOT NULL DEFAULT 0,
    rejected      INTEGER NOT NULL DEFAULT 0,
    sha256        TEXT NOT NULL DEFAULT '',     -- of the decoded bytes, hex
    error         TEXT,
    PRIMARY KEY (run, id)
);

CREATE TABLE IF NOT EXISTS page (
    run    TEXT NOT NULL REFERENCES run (id),
    file   TEXT NOT NULL,
    first  INTEGER NOT NULL,                    -- number of its first line, from 1
    lines  INTEGER NOT NULL,
    offset INTEGER NOT NULL,                    -- in the decoded file, bytes
    bytes  INTEGER NOT NULL,
    hash   INTEGER NOT NULL,                    -- xxh3 of its bytes
    PRIMARY KEY (run, file, first)
);

CREATE TABLE IF NOT EXISTS mark (                 -- pages behind which their source can go on
    run   TEXT NOT NULL REFERENCES run (id),
    file  TEXT NOT NULL,
    first INTEGER NOT NULL,
    token TEXT NOT NULL,                        -- the file's version, or a link: a credential at some servers
    PRIMARY KEY (run, file, first)
);

CREATE TABLE IF NOT EXISTS archived (             -- where the archive has the bytes of pages
    run      TEXT NOT NULL REFERENCES run (id),
    file     TEXT NOT NULL,
    first    INTEGER NOT NULL,
    path     TEXT NOT NULL,                     -- relative to the archive
    position INTEGER NOT NULL,                  -- in that file, bytes
    size     INTEGER NOT NULL,                  -- compressed, bytes
    PRIMARY KEY (run, file, first)
);

CREATE TABLE IF NOT EXISTS derived (              -- runs that load lines of an earlier run again
    run    TEXT PRIMARY KEY REFERENCES run (id),
    of_run TEXT NOT NULL REFERENCES run (id)
);

CREATE TABLE IF NOT EXISTS part (
    run        TEXT NOT NULL REFERENCES run (id),
    table_name TEXT NOT NULL,
    path       TEXT NOT NULL,                   -- relative to the lake
    rows       INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    PRIMARY KEY (run, path)
);

CREATE TABLE IF NOT EXISTS reject (
    run    TEXT NOT NULL REFERENCES run (id),
    file   TEXT NOT NULL,
    line   INTEGER NOT NULL,
    offset INTEGER NOT NULL,                    -- in the decoded file, bytes
    bytes  INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run, file, line)
);

CREATE TABLE IF NOT EXISTS value_reject (
    run         TEXT NOT NULL REFERENCES run (id),
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    reason      TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (run, table_name, column_name, reason)
);

CREATE TABLE IF NOT EXISTS value_example (        -- where the first values stood that were rejected
    run         TEXT NOT NULL REFERENCES run (id),
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    reason      TEXT NOT NULL,
    file        TEXT NOT NULL,
    line        INTEGER NOT NULL,
    PRIMARY KEY (run, table_name, column_name, reason, file, line)
);

CREATE TABLE IF NOT EXISTS replayed (             -- lines that have left the quarantine
    run    TEXT NOT NULL REFERENCES run (id),   -- that rejected the line
    file   TEXT NOT NULL,
    line   INTEGER NOT NULL,
    by_run TEXT NOT NULL REFERENCES run (id),   -- that could use it
    PRIMARY KEY (run, file, line)
);

CREATE TABLE IF NOT EXISTS coverage (             -- of the lines that the run sampled
    run           TEXT NOT NULL REFERENCES run (id),
    resource_type TEXT NOT NULL,
    path          TEXT NOT NULL,                -- such as item.#.net.value; '' for the resources themselves
    lines         INTEGER NOT NULL,             -- resources that have it
    leaves        INTEGER NOT NULL,             -- strings, numbers and booleans
    reached       INTEGER NOT NULL,             -- leaves that reach a column
    narrative     INTEGER NOT NULL,             -- 1 for text.div and text.status
    PRIMARY KEY (run, resource_type, path)
);

CREATE TABLE IF NOT EXISTS finding (              -- of the checks of a run
    run        TEXT NOT NULL REFERENCES run (id),
    check_name TEXT NOT NULL,
    subject    TEXT NOT NULL,                   -- file, resource type, table or column; '' for the run
    grade      TEXT NOT NULL,                   -- info, warn or fail
    found      REAL NOT NULL,
    expected   REAL NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (run, check_name, subject)
);

CREATE TABLE IF NOT EXISTS held (                 -- runs that are loaded, and not shown since a check failed
    run TEXT PRIMARY KEY REFERENCES run (id)
);

CREATE TABLE IF NOT EXISTS accepted (             -- failed checks that somebody overruled
    run    TEXT PRIMARY KEY REFERENCES run (id),
    by     TEXT NOT NULL,
    reason TEXT NOT NULL,
    at     TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS kept_since (           -- accepted runs whose transactionTime is not the next _since
    run   TEXT PRIMARY KEY REFERENCES run (id),
    since TEXT                                  -- the next _since; NULL: everything is asked for
);

CREATE TABLE IF NOT EXISTS outbox (               -- hooks to be told of runs, once readers see them
    run       TEXT NOT NULL REFERENCES run (id),
    hook      TEXT NOT NULL,                    -- its name in the configuration
    attempts  INTEGER NOT NULL DEFAULT 0,       -- that failed
    error     TEXT,                             -- of the last attempt; never holds content
    delivered TEXT,                             -- when
    PRIMARY KEY (run, hook)
);

CREATE TABLE IF NOT EXISTS watermark (
    source           TEXT PRIMARY KEY,
    run              TEXT NOT NULL,
    transaction_time TEXT NOT NULL              -- the next _since
);

CREATE TABLE IF NOT EXISTS trail (                -- the lake's audit trail, as of the last commit that noted it
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    key  TEXT NOT NULL,                         -- public half of its signing key, hex
    seq  INTEGER NOT NULL,                      -- of its last event
    hash TEXT NOT NULL                          -- of that event's line
);

CREATE TABLE IF NOT EXISTS forgotten (            -- keys that are taken out of the key set that seals
    key INTEGER PRIMARY KEY
);
