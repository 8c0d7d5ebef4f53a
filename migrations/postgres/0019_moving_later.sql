-- What an archive brings later: what it hangs on is asked for again, and again.
ALTER TABLE archive_import_items ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE archive_import_items ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
-- the pod that was asked for it and did not answer
ALTER TABLE archive_import_items ADD COLUMN away_host TEXT;
DROP INDEX archive_import_items_in_order;
CREATE INDEX archive_import_items_in_order ON archive_import_items (import_id, state, due_at, id);
CREATE INDEX archive_import_items_by_away ON archive_import_items (import_id, away_host, due_at);
