-- What works and links were last derived from, so that a change derives only what it bears on: kb/works/blocking.py.
-- A unit is a document, entry, citation or decision: its id times four, plus a number for its kind. No row refers to another
-- by a foreign key: what was deleted is still here when its works are derived again.

-- Documents, imported bibliographies and decisions, numbered as units are (a bibliography as an entry), with a value that
-- changes with their content.
CREATE TABLE link_sources (
    source INTEGER PRIMARY KEY,
    state  TEXT NOT NULL
);
CREATE TABLE link_units (
    unit   INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    work   TEXT                           -- key of the work that it describes, cites or is
);
CREATE INDEX link_units_by_source ON link_units (source);
CREATE INDEX link_units_by_work ON link_units (work) WHERE work IS NOT NULL;

-- Two units with a digest in common, on opposite sides (work and citation) or on equal ones, and years that overlap, may bear
-- on each other.
CREATE TABLE link_keys (
    side   INTEGER NOT NULL,              -- 0: equals, 1: as a work, 2: as a citation, 3: a name
    digest BLOB NOT NULL,
    unit   INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (side, digest, unit)
) WITHOUT ROWID;
CREATE INDEX link_keys_by_unit ON link_keys (unit);
