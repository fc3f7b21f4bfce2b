-- Where the words of a page are that was read with text recognition, on the picture of that page.
CREATE TABLE page_words (
    sha256 TEXT NOT NULL REFERENCES files (sha256) ON DELETE CASCADE,
    number INTEGER NOT NULL,              -- of the page in the file
    ratio  REAL NOT NULL,                 -- height of the page divided by its width
    words  TEXT NOT NULL,                 -- JSON: [[word, left, top, right, bottom]], fractions of the page
    PRIMARY KEY (sha256, number)
);
