-- Documents, the files they came from, their pages and passages, and what is derived from those.
-- AUTOINCREMENT: an id is never used again, so a link to something removed can say that it was.

CREATE TABLE documents (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    title     TEXT NOT NULL,
    title_key TEXT NOT NULL,              -- the title folded, to recognise another version
    kind      TEXT NOT NULL CHECK (kind IN ('deck', 'literature')),
    filename  TEXT NOT NULL,
    language  TEXT CHECK (language IN ('nl', 'en')),
    authors   TEXT NOT NULL DEFAULT '[]', -- JSON
    date      TEXT,
    year      INTEGER,
    added     TEXT NOT NULL,
    changed   TEXT NOT NULL,
    removed   TEXT                        -- a tombstone: the row stays, all else goes
);
CREATE INDEX documents_by_title ON documents (title_key) WHERE removed IS NULL;

CREATE TABLE files (
    sha256       TEXT PRIMARY KEY,
    document_id  INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    filename     TEXT NOT NULL,
    path         TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL,
    first        INTEGER NOT NULL,        -- 1: the pages were read from this file
    page_numbers TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX files_by_document ON files (document_id);

-- Every path that bytes were seen at: another file at a known path is a new version.
CREATE TABLE paths (
    path        TEXT PRIMARY KEY,
    sha256      TEXT NOT NULL,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE
);
CREATE INDEX paths_by_document ON paths (document_id);

-- Bytes that a newer version took the place of: met again, they are no news.
CREATE TABLE superseded (
    sha256      TEXT PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    filename    TEXT NOT NULL,
    at          TEXT NOT NULL
);
CREATE INDEX superseded_by_document ON superseded (document_id);

CREATE TABLE pages (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    label       TEXT NOT NULL,
    title       TEXT,
    section     TEXT,
    text        TEXT NOT NULL,
    notes       TEXT NOT NULL,
    hidden      INTEGER NOT NULL,
    divider     INTEGER NOT NULL,
    language    TEXT,
    problem     TEXT,
    PRIMARY KEY (document_id, number)
);

-- A passage keeps no text of its own: it is cut from its page, so the two cannot disagree.
CREATE TABLE passages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    field       TEXT NOT NULL CHECK (field IN ('text', 'notes')),
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    language    TEXT,
    context     TEXT NOT NULL,
    listing     INTEGER NOT NULL,         -- 1: of a reference list
    digest      TEXT NOT NULL,            -- of context and text: what is embedded
    FOREIGN KEY (document_id, number) REFERENCES pages (document_id, number) ON DELETE CASCADE
);
CREATE INDEX passages_by_page ON passages (document_id, number);
CREATE INDEX passages_by_digest ON passages (digest);

-- Vectors belong to what was embedded, not to where it stands: a page that returns unchanged costs nothing.
CREATE TABLE vectors (
    digest      TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    vector      BLOB NOT NULL,            -- the passage: float32, little-endian
    sentences   BLOB NOT NULL,            -- each of its sentences, in reading order: float16, little-endian
    PRIMARY KEY (digest, fingerprint)
);

CREATE TABLE citations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    field       TEXT NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    form        TEXT NOT NULL,
    authors     TEXT NOT NULL DEFAULT '[]',
    year        TEXT,
    locator     TEXT,
    confidence  REAL NOT NULL,
    FOREIGN KEY (document_id, number) REFERENCES pages (document_id, number) ON DELETE CASCADE
);
CREATE INDEX citations_by_page ON citations (document_id, number);

-- Entries of reference lists, and imported records (which stand on no page).
CREATE TABLE entries (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER REFERENCES documents (id) ON DELETE CASCADE,
    number      INTEGER,
    start       INTEGER,
    "end"       INTEGER,
    label       TEXT,
    raw         TEXT NOT NULL,
    csl         TEXT NOT NULL             -- JSON; {} when nothing was understood
);
CREATE INDEX entries_by_document ON entries (document_id);

-- Analysed terms of a passage, space-joined; rowid is the passage's id. `words` are its own in reading order (a phrase is
-- a row of them), `parts` those inside its compounds and hyphened words, `title` those of its page's title, and `context`
-- those of what that stands under.
CREATE VIRTUAL TABLE terms USING fts5 (title, words, parts, context, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE term_columns USING fts5vocab (terms, col);
