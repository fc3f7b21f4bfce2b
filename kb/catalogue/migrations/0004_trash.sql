-- Files of removed documents and of replaced versions, kept for a while so that they can be brought back.
-- Their pages are read from the original again.
CREATE TABLE trash (
    sha256      TEXT PRIMARY KEY,
    document_id INTEGER NOT NULL,
    cause       TEXT NOT NULL CHECK (cause IN ('removed', 'replaced')),
    at          TEXT NOT NULL,            -- ISO 8601, UTC
    title       TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('deck', 'literature')),
    filename    TEXT NOT NULL,
    path        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        INTEGER NOT NULL,
    first       INTEGER NOT NULL          -- 1: the pages were read from this file
);
CREATE INDEX trash_by_document ON trash (document_id);
