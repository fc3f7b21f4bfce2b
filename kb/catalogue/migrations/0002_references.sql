-- Cited works, one for the whole collection. All but `bibliographies`, `decisions` and `work_names` is derived from
-- documents, entries, citations and decisions, and is made again whenever one of those changes.

-- An imported bibliography. Its records are kept whole, as entries; the file itself is not.
CREATE TABLE bibliographies (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256   TEXT NOT NULL UNIQUE,
    filename TEXT NOT NULL,
    path     TEXT NOT NULL UNIQUE,
    records  INTEGER NOT NULL,
    problems TEXT NOT NULL DEFAULT '[]',  -- JSON: a line for each broken record
    added    TEXT NOT NULL
);
ALTER TABLE entries ADD COLUMN bibliography_id INTEGER REFERENCES bibliographies (id) ON DELETE CASCADE;
CREATE INDEX entries_by_bibliography ON entries (bibliography_id) WHERE bibliography_id IS NOT NULL;

CREATE TABLE works (
    key         TEXT PRIMARY KEY,
    csl         TEXT NOT NULL,            -- JSON; {} when nothing was understood
    raw         TEXT NOT NULL,            -- JSON: every entry as printed
    search      TEXT NOT NULL,            -- folded words, with a space in front of each
    by_author   TEXT NOT NULL,            -- what lists are sorted by
    by_title    TEXT NOT NULL,
    year        INTEGER,
    cited       INTEGER NOT NULL,         -- places that cite it
    listed      INTEGER NOT NULL,         -- documents' reference lists it stands in
    document_id INTEGER REFERENCES documents (id) ON DELETE SET NULL,
    doubtful    INTEGER NOT NULL
);
-- One for each order that lists come in, so that the first fifty of ten thousand are the first fifty that are read.
CREATE INDEX works_by_author ON works (by_author, year, by_title, key);
CREATE INDEX works_by_year ON works (year DESC, by_author, key);
CREATE INDEX works_by_title ON works (by_title, by_author, key);
CREATE INDEX works_by_cited ON works (cited DESC, listed DESC, by_author, year, key);
CREATE INDEX works_by_document ON works (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE work_entries (
    entry_id INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    key      TEXT NOT NULL REFERENCES works (key) ON DELETE CASCADE
);
CREATE INDEX work_entries_by_key ON work_entries (key);

CREATE TABLE work_citations (
    citation_id INTEGER PRIMARY KEY REFERENCES citations (id) ON DELETE CASCADE,
    key         TEXT NOT NULL REFERENCES works (key) ON DELETE CASCADE,
    score       REAL NOT NULL,
    reason      TEXT NOT NULL
);
CREATE INDEX work_citations_by_key ON work_citations (key);

-- Folded family names and institutions, with and without particles.
CREATE TABLE work_authors (
    name  TEXT NOT NULL,
    key   TEXT NOT NULL REFERENCES works (key) ON DELETE CASCADE,
    place INTEGER NOT NULL,               -- 0: the first author
    PRIMARY KEY (name, key)
) WITHOUT ROWID;
CREATE INDEX work_authors_by_key ON work_authors (key);

-- What a work was ever called by what it is made of, so that keys come back with it. Digests only: of a work that is
-- removed nothing can be read here.
CREATE TABLE work_names (
    name TEXT PRIMARY KEY,
    key  TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX work_names_by_key ON work_names (key);

-- Keys of works that were joined to others.
CREATE TABLE work_redirects (
    old TEXT PRIMARY KEY,
    key TEXT NOT NULL REFERENCES works (key) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE doubts (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('citation', 'works', 'document')),
    key         TEXT NOT NULL REFERENCES works (key) ON DELETE CASCADE,
    candidate   TEXT REFERENCES works (key) ON DELETE CASCADE,
    document_id INTEGER REFERENCES documents (id) ON DELETE CASCADE,
    citations   TEXT NOT NULL,            -- JSON: ids
    one         TEXT NOT NULL,            -- JSON: names of the two sides, as a decision keeps them
    other       TEXT NOT NULL,
    score       REAL NOT NULL,
    reason      TEXT NOT NULL
);

-- What people answered. `one` and `other` are digests of content, so that an answer outlives ids; the columns behind
-- them say what it is about just now, and are empty when that is not here.
CREATE TABLE decisions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('citation', 'works', 'document')),
    verdict     TEXT NOT NULL CHECK (verdict IN ('confirm', 'refuse')),
    one         TEXT NOT NULL,
    other       TEXT NOT NULL,
    doubt       TEXT NOT NULL,            -- id of the doubt that it answers
    score       REAL NOT NULL,
    reason      TEXT NOT NULL,
    made        TEXT NOT NULL,
    key         TEXT REFERENCES works (key) ON DELETE SET NULL,
    candidate   TEXT REFERENCES works (key) ON DELETE SET NULL,
    document_id INTEGER REFERENCES documents (id) ON DELETE SET NULL,
    citations   TEXT NOT NULL DEFAULT '[]',
    one_csl     TEXT,                     -- JSON: the two sides as they are without the decision
    other_csl   TEXT
);

-- What the works were last derived from.
INSERT INTO meta (name, value) VALUES ('references', '')
