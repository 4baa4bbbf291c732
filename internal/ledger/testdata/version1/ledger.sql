BEGIN TRANSACTION;
CREATE TABLE accepted (             -- failed checks that somebody overruled
    run    TEXT PRIMARY KEY REFERENCES run (id),
    by     TEXT NOT NULL,
    reason TEXT NOT NULL,
    at     TEXT NOT NULL
);
INSERT INTO "accepted" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','ana','the payer confirmed it','2026-11-28T08:03:39.745875Z');
CREATE TABLE archived (             -- where the archive has the bytes of pages
    run      TEXT NOT NULL REFERENCES run (id),
    file     TEXT NOT NULL,
    first    INTEGER NOT NULL,
    path     TEXT NOT NULL,                     -- relative to the archive
    position INTEGER NOT NULL,                  -- in that file, bytes
    size     INTEGER NOT NULL,                  -- compressed, bytes
    PRIMARY KEY (run, file, first)
);
INSERT INTO "archived" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','0001',1,'a/1.zst',0,40);
CREATE TABLE coverage (             -- of the lines that the run sampled
    run           TEXT NOT NULL REFERENCES run (id),
    resource_type TEXT NOT NULL,
    path          TEXT NOT NULL,                -- such as item.#.net.value; '' for the resources themselves
    lines         INTEGER NOT NULL,             -- resources that have it
    leaves        INTEGER NOT NULL,             -- strings, numbers and booleans
    reached       INTEGER NOT NULL,             -- leaves that reach a column
    narrative     INTEGER NOT NULL,             -- 1 for text.div and text.status
    PRIMARY KEY (run, resource_type, path)
);
INSERT INTO "coverage" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','Claim','',4,0,0,0);
INSERT INTO "coverage" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','Claim','item.#.net.value',4,9,9,0);
CREATE TABLE derived (              -- runs that load lines of an earlier run again
    run    TEXT PRIMARY KEY REFERENCES run (id),
    of_run TEXT NOT NULL REFERENCES run (id)
);
INSERT INTO "derived" VALUES('d59508cc-d72d-4859-8ceb-979d003ef624','ecd3bb00-5d7c-4df4-8b9e-15833151a9ff');
CREATE TABLE file (
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
INSERT INTO "file" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','0001','https://fhir.example.org/1.ndjson','Claim',0,'done',5,100,5,4,0,0,1,'',NULL);
INSERT INTO "file" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','0002','https://fhir.example.org/2.ndjson','Patient',0,'done',NULL,0,0,0,0,0,0,'','it may not be whole');
CREATE TABLE finding (              -- of the checks of a run
    run        TEXT NOT NULL REFERENCES run (id),
    check_name TEXT NOT NULL,
    subject    TEXT NOT NULL,                   -- file, resource type, table or column; '' for the run
    grade      TEXT NOT NULL,                   -- info, warn or fail
    found      REAL NOT NULL,
    expected   REAL NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (run, check_name, subject)
);
INSERT INTO "finding" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','announced','0001','fail',5.0,6.0,'fewer');
CREATE TABLE forgotten (            -- keys that are taken out of the key set that seals
    key INTEGER PRIMARY KEY
);
INSERT INTO "forgotten" VALUES(42);
CREATE TABLE held (                 -- runs that are loaded, and not shown since a check failed
    run TEXT PRIMARY KEY REFERENCES run (id)
);
INSERT INTO "held" VALUES('79318559-7adf-4a86-be52-8e3fe9890bc9');
CREATE TABLE kept_since (           -- accepted runs whose transactionTime is not the next _since
    run   TEXT PRIMARY KEY REFERENCES run (id),
    since TEXT                                  -- the next _since; NULL: everything is asked for
);
INSERT INTO "kept_since" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','2026-03-01T01:03:04.000567Z');
INSERT INTO "kept_since" VALUES('79318559-7adf-4a86-be52-8e3fe9890bc9',NULL);
CREATE TABLE left_out (             -- types that were not asked for, since the server does not export them
    run           TEXT NOT NULL REFERENCES run (id),
    resource_type TEXT NOT NULL,
    PRIMARY KEY (run, resource_type)
);
INSERT INTO "left_out" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','Location');
INSERT INTO "left_out" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','Organization');
CREATE TABLE mark (                 -- pages behind which their source can go on
    run   TEXT NOT NULL REFERENCES run (id),
    file  TEXT NOT NULL,
    first INTEGER NOT NULL,
    token TEXT NOT NULL,                        -- the file's version, or a link: a credential at some servers
    PRIMARY KEY (run, file, first)
);
CREATE TABLE outbox (               -- hooks to be told of runs, once readers see them
    run       TEXT NOT NULL REFERENCES run (id),
    hook      TEXT NOT NULL,                    -- its name in the configuration
    attempts  INTEGER NOT NULL DEFAULT 0,       -- that failed
    error     TEXT,                             -- of the last attempt; never holds content
    delivered TEXT,                             -- when
    PRIMARY KEY (run, hook)
);
INSERT INTO "outbox" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','slack',0,NULL,NULL);
CREATE TABLE owed (                 -- runs whose export the server may forget, and has not been told
    run TEXT PRIMARY KEY REFERENCES run (id)
);
INSERT INTO "owed" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff');
INSERT INTO "owed" VALUES('55b5a472-c5a4-4402-9bef-fab0238a43a7');
CREATE TABLE page (
    run    TEXT NOT NULL REFERENCES run (id),
    file   TEXT NOT NULL,
    first  INTEGER NOT NULL,                    -- number of its first line, from 1
    lines  INTEGER NOT NULL,
    offset INTEGER NOT NULL,                    -- in the decoded file, bytes
    bytes  INTEGER NOT NULL,
    hash   INTEGER NOT NULL,                    -- xxh3 of its bytes
    PRIMARY KEY (run, file, first)
);
INSERT INTO "page" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','0001',1,5,0,100,-8);
CREATE TABLE part (
    run        TEXT NOT NULL REFERENCES run (id),
    table_name TEXT NOT NULL,
    path       TEXT NOT NULL,                   -- relative to the lake
    rows       INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    PRIMARY KEY (run, path)
);
INSERT INTO "part" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','claim','runs/ecd3bb00-5d7c-4df4-8b9e-15833151a9ff/claim/part.parquet',4,9,'ab');
CREATE TABLE poll (                 -- of exports that are waited for
    run   TEXT PRIMARY KEY REFERENCES run (id),
    next  TEXT NOT NULL,                        -- the status may not be asked for sooner
    every INTEGER NOT NULL                      -- milliseconds between polls
);
INSERT INTO "poll" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','2026-03-01T03:03:04.000567Z',30000);
INSERT INTO "poll" VALUES('55b5a472-c5a4-4402-9bef-fab0238a43a7','2026-03-01T02:03:04.000567Z',60000);
INSERT INTO "poll" VALUES('79318559-7adf-4a86-be52-8e3fe9890bc9','2026-03-01T02:03:04.000567Z',60000);
CREATE TABLE published (            -- where runs of published files ended
    run              TEXT PRIMARY KEY REFERENCES run (id),
    page             TEXT NOT NULL,             -- URL; a credential at some servers
    etag             TEXT NOT NULL,
    transaction_time TEXT                       -- of the page
);
INSERT INTO "published" VALUES('08c1401b-daed-4ff5-a264-82bcec7db1e0','https://fhir.example.org/page/2','"x"','2026-03-01T02:03:04.000567Z');
CREATE TABLE reject (
    run    TEXT NOT NULL REFERENCES run (id),
    file   TEXT NOT NULL,
    line   INTEGER NOT NULL,
    offset INTEGER NOT NULL,                    -- in the decoded file, bytes
    bytes  INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run, file, line)
);
INSERT INTO "reject" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','0001',3,40,20,'not JSON');
CREATE TABLE replayed (             -- lines that have left the quarantine
    run    TEXT NOT NULL REFERENCES run (id),   -- that rejected the line
    file   TEXT NOT NULL,
    line   INTEGER NOT NULL,
    by_run TEXT NOT NULL REFERENCES run (id),   -- that could use it
    PRIMARY KEY (run, file, line)
);
INSERT INTO "replayed" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','0001',3,'d59508cc-d72d-4859-8ceb-979d003ef624');
CREATE TABLE run (
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
INSERT INTO "run" VALUES(1,'ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','payer','sync','promoted','2026-11-28T08:03:39.726401Z','2026-11-28T08:03:39.746669Z','2026-03-01T02:03:04.000567Z',1,'m1','q1','https://fhir.example.org/status/1?job=7',NULL);
INSERT INTO "run" VALUES(2,'08c1401b-daed-4ff5-a264-82bcec7db1e0','published','sync','promoted','2026-11-28T08:03:39.747611Z','2026-11-28T08:03:39.748933Z','2026-03-01T02:04:04.000567Z',0,'m1','q2',NULL,NULL);
INSERT INTO "run" VALUES(3,'d59508cc-d72d-4859-8ceb-979d003ef624','payer','replay','promoted','2026-11-28T08:03:39.749687Z','2026-11-28T08:03:39.750214Z',NULL,0,'m2','q3',NULL,NULL);
INSERT INTO "run" VALUES(4,'55b5a472-c5a4-4402-9bef-fab0238a43a7','payer','sync','failed','2026-11-28T08:03:39.751276Z','2026-11-28T08:03:39.752291Z',NULL,0,'m1','q1','https://fhir.example.org/status/2','the server failed');
INSERT INTO "run" VALUES(5,'79318559-7adf-4a86-be52-8e3fe9890bc9','payer','sync','running','2026-11-28T08:03:39.752825Z',NULL,'2026-03-01T04:03:04.000567Z',1,'m1','q1','https://fhir.example.org/status/3',NULL);
CREATE TABLE subset (               -- runs that asked for some elements of resources only
    run TEXT PRIMARY KEY REFERENCES run (id)
);
INSERT INTO "subset" VALUES('08c1401b-daed-4ff5-a264-82bcec7db1e0');
CREATE TABLE trail (                -- the lake's audit trail, as of the last commit that noted it
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    key  TEXT NOT NULL,                         -- public half of its signing key, hex
    seq  INTEGER NOT NULL,                      -- of its last event
    hash TEXT NOT NULL                          -- of that event's line
);
INSERT INTO "trail" VALUES(1,'k',7,'h');
CREATE TABLE unreadable (           -- types that were asked for, and that the token did not let be read
    run           TEXT NOT NULL REFERENCES run (id),
    resource_type TEXT NOT NULL,
    PRIMARY KEY (run, resource_type)
);
INSERT INTO "unreadable" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','Coverage');
CREATE TABLE value_example (        -- where the first values stood that were rejected
    run         TEXT NOT NULL REFERENCES run (id),
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    reason      TEXT NOT NULL,
    file        TEXT NOT NULL,
    line        INTEGER NOT NULL,
    PRIMARY KEY (run, table_name, column_name, reason, file, line)
);
INSERT INTO "value_example" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','claim','created','not a date','0001',2);
CREATE TABLE value_reject (
    run         TEXT NOT NULL REFERENCES run (id),
    table_name  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    reason      TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (run, table_name, column_name, reason)
);
INSERT INTO "value_reject" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','claim','created','not a date',2);
CREATE TABLE watermark (
    source           TEXT PRIMARY KEY,
    run              TEXT NOT NULL,
    transaction_time TEXT NOT NULL              -- the next _since
);
INSERT INTO "watermark" VALUES('payer','ecd3bb00-5d7c-4df4-8b9e-15833151a9ff','2026-03-01T01:03:04.000567Z');
INSERT INTO "watermark" VALUES('published','08c1401b-daed-4ff5-a264-82bcec7db1e0','2026-03-01T02:04:04.000567Z');
CREATE TABLE whole (                -- syncs that asked for everything
    run TEXT PRIMARY KEY REFERENCES run (id)
);
INSERT INTO "whole" VALUES('ecd3bb00-5d7c-4df4-8b9e-15833151a9ff');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('run',5);
COMMIT;
