-- What is said once of a run is a column of run, not a table of its own.
ALTER TABLE run ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;          -- 1 when a sync asked for everything
ALTER TABLE run ADD COLUMN subset INTEGER NOT NULL DEFAULT 0;         -- 1 when it asked for some elements of resources only
ALTER TABLE run ADD COLUMN derived_from TEXT REFERENCES run (id);     -- the run whose lines it loads again
ALTER TABLE run ADD COLUMN poll_next TEXT;                            -- the export's status may not be asked for sooner
ALTER TABLE run ADD COLUMN poll_every INTEGER NOT NULL DEFAULT 0;     -- milliseconds between polls
ALTER TABLE run ADD COLUMN published_page TEXT;                       -- of published files, where the run ended: URL; a credential at some servers
ALTER TABLE run ADD COLUMN published_etag TEXT;
ALTER TABLE run ADD COLUMN published_time TEXT;                       -- transactionTime of the page
ALTER TABLE run ADD COLUMN held INTEGER NOT NULL DEFAULT 0;           -- 1 when it is loaded, and not shown since a check failed
ALTER TABLE run ADD COLUMN accepted_by TEXT;                          -- who overruled the failed checks
ALTER TABLE run ADD COLUMN accepted_reason TEXT;
ALTER TABLE run ADD COLUMN accepted_at TEXT;
ALTER TABLE run ADD COLUMN keeps_since INTEGER NOT NULL DEFAULT 0;    -- 1 when the next _since is kept_since, not transaction_time
ALTER TABLE run ADD COLUMN kept_since TEXT;                           -- NULL: everything is asked for
ALTER TABLE run ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;           -- 1 when the server is still to be asked to forget the export

UPDATE run SET whole = id IN (SELECT run FROM whole), subset = id IN (SELECT run FROM subset),
    held = id IN (SELECT run FROM held), owed = id IN (SELECT run FROM owed),
    derived_from = (SELECT of_run FROM derived WHERE derived.run = run.id),
    poll_next = (SELECT next FROM poll WHERE poll.run = run.id),
    poll_every = coalesce((SELECT every FROM poll WHERE poll.run = run.id), 0),
    (published_page, published_etag, published_time) = (SELECT page, etag, published.transaction_time FROM published WHERE published.run = run.id),
    (accepted_by, accepted_reason, accepted_at) = (SELECT by, reason, at FROM accepted WHERE accepted.run = run.id),
    keeps_since = id IN (SELECT run FROM kept_since),
    kept_since = (SELECT since FROM kept_since WHERE kept_since.run = run.id);

DROP TABLE whole;
DROP TABLE subset;
DROP TABLE derived;
DROP TABLE poll;
DROP TABLE published;
DROP TABLE held;
DROP TABLE accepted;
DROP TABLE kept_since;
DROP TABLE owed;

CREATE TABLE not_read (                         -- types that a run could not bring
    run           TEXT NOT NULL REFERENCES run (id),
    cause         TEXT NOT NULL,                -- unreadable: asked for, and the token did not let all be read; left out: the server does not export it
    resource_type TEXT NOT NULL,
    PRIMARY KEY (run, cause, resource_type)
);
INSERT INTO not_read SELECT run, 'unreadable', resource_type FROM unreadable;
INSERT INTO not_read SELECT run, 'left out', resource_type FROM left_out;
DROP TABLE unreadable;
DROP TABLE left_out;
