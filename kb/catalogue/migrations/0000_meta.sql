-- What the catalogue knows of itself.

CREATE TABLE migrations (name TEXT PRIMARY KEY);
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL);
INSERT INTO meta (name, value) VALUES ('generation', 0);
