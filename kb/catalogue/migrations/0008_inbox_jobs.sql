-- Files of an inbox are listed with their outcomes beside the uploads.
ALTER TABLE jobs ADD COLUMN origin TEXT NOT NULL DEFAULT 'upload' CHECK (origin IN ('upload', 'inbox'));
