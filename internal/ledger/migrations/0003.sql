-- What only an unfinished run needs to know of lines, to rank their copies.
CREATE TABLE came (                    -- lines that it met, and whose rows are there already
    run   TEXT NOT NULL REFERENCES run (id),
    file  TEXT NOT NULL,
    first INTEGER NOT NULL,            -- of the page
    lines BLOB NOT NULL,               -- of each the hash (8 bytes) and its place from first (4 bytes)
    PRIMARY KEY (run, file, first)
);
CREATE TABLE numbered (                -- lines whose meta.versionId is a number that their rows do not tell
    run   TEXT NOT NULL REFERENCES run (id),
    file  TEXT NOT NULL,
    first INTEGER NOT NULL,            -- of the page
    lines TEXT NOT NULL,               -- of each its number in the file, and its version's
    PRIMARY KEY (run, file, first)
);
