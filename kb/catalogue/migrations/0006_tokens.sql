-- Vectors of the word pieces of a passage, reduced: bytes, as many rows as pieces. Empty where the encoder gives none.
ALTER TABLE vectors ADD COLUMN tokens BLOB NOT NULL DEFAULT x'';
