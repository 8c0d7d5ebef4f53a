-- The delivery engine: jobs in lanes, a pause of its own for each delivery, and what happened to what.

-- 0 ordinary work, 1 deliveries to pods that answer, 2 tries whether a failing pod answers again
ALTER TABLE jobs ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET lane = 1 WHERE kind = 'deliver';
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (state, lane, run_at, id);
CREATE INDEX jobs_under_way ON jobs (kind, key) WHERE key IS NOT NULL AND state = 'running';

-- what the payload is about, where it has a name
ALTER TABLE payloads ADD COLUMN guid TEXT;
CREATE INDEX payloads_by_guid ON payloads (guid);

-- 0 until it was refused once
ALTER TABLE deliveries ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX deliveries_by_pod;
CREATE INDEX deliveries_due ON deliveries (remote_pod_id, retry_at, id);

-- What was received and sent, for whoever runs the pod; kept for some days.
CREATE TABLE federation_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- in or out
    direction TEXT NOT NULL,
    entity TEXT NOT NULL,
    guid TEXT NOT NULL,
    -- the other pod; empty for all that it was dispatched to
    host TEXT NOT NULL,
    -- accepted, failed, dispatched, gave_up, or why it was refused
    result TEXT NOT NULL,
    reason TEXT,
    -- so many messages
    messages INTEGER NOT NULL
);
CREATE INDEX federation_events_by_guid ON federation_events (guid, id);
CREATE INDEX federation_events_by_host ON federation_events (host, id);
CREATE INDEX federation_events_by_time ON federation_events (at);
