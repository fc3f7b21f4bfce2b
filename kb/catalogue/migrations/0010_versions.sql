-- Whether a document is a new version of another is asked, and answered by a person. The files of both sides are kept with the
-- answer, so that it holds when one of them is ingested again.
CREATE TABLE version_questions (
    older  INTEGER NOT NULL REFERENCES documents (id),
    newer  INTEGER NOT NULL REFERENCES documents (id),
    code   TEXT NOT NULL CHECK (code IN ('same-title', 'same-pages')),
    shared INTEGER NOT NULL,              -- pages with the same words
    pages  INTEGER NOT NULL,              -- of the one with the most
    PRIMARY KEY (older, newer)
);
CREATE TABLE version_answers (
    id          INTEGER PRIMARY KEY,
    verdict     TEXT NOT NULL CHECK (verdict IN ('confirm', 'refuse')),
    older       INTEGER NOT NULL REFERENCES documents (id),
    newer       INTEGER NOT NULL REFERENCES documents (id),
    code        TEXT NOT NULL,
    shared      INTEGER NOT NULL,
    pages       INTEGER NOT NULL,
    older_title TEXT NOT NULL,
    newer_title TEXT NOT NULL,
    older_files TEXT NOT NULL,            -- JSON list of SHA-256
    newer_files TEXT NOT NULL,
    made        TEXT NOT NULL
);
-- The document of which a removed one is now a version.
ALTER TABLE documents ADD COLUMN became INTEGER REFERENCES documents (id);

-- A digest of the words of each page, by which documents with many of the same pages are found without reading them.
CREATE TABLE page_digests (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    digest      INTEGER NOT NULL
);
CREATE INDEX page_digests_by_digest ON page_digests (digest, document_id);
CREATE INDEX page_digests_by_document ON page_digests (document_id);
