-- How probable it is that an entry was read right: the review of references is sorted by it. NULL for records that were imported,
-- and for entries that were read before it was known.
ALTER TABLE entries ADD COLUMN confidence REAL;
