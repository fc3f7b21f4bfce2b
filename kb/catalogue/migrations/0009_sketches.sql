-- Digests of the words of each document, by which decks that may show the same are found without reading their pages.
CREATE TABLE sketches (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    pages       INTEGER NOT NULL,
    words       INTEGER NOT NULL,
    digests     BLOB NOT NULL             -- one for each occurrence of a word, ascending: uint32, little-endian
);
CREATE INDEX sketches_by_size ON sketches (pages, words);
