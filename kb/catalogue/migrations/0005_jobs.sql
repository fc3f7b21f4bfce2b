-- Uploaded files that are to be taken in. A row that is done is kept for a while, for it holds the outcome.
CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    filename    TEXT NOT NULL,
    size        INTEGER NOT NULL,
    stored      TEXT NOT NULL,            -- name of the file in the folder of uploads
    kind        TEXT CHECK (kind IN ('deck', 'literature')),
    replaces    INTEGER,                  -- id of the document of which it is a new version
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    attempts    INTEGER NOT NULL,
    lease       REAL NOT NULL,            -- Unix time until which a running job belongs to the process that runs it
    added       TEXT NOT NULL,            -- ISO 8601, UTC
    status      TEXT,
    reasons     TEXT NOT NULL,            -- JSON: [[code, {name: value}]]
    document_id INTEGER
);
CREATE INDEX jobs_by_state ON jobs (state, id);
