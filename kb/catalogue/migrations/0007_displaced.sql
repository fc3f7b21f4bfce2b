-- Files that version 0.1.0 replaced by a file of another name, because both had one title and words in common. Later versions
-- replace by path, or where the keeper says so; they add nothing here.
CREATE TABLE displaced (
    sha256      TEXT PRIMARY KEY,
    document_id INTEGER NOT NULL,
    filename    TEXT NOT NULL
);
INSERT INTO displaced
SELECT s.sha256, s.document_id, s.filename FROM superseded s
WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.document_id = s.document_id AND f.filename = s.filename)
  AND NOT EXISTS (SELECT 1 FROM trash t WHERE t.sha256 = s.sha256);
