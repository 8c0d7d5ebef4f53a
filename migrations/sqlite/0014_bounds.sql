-- What others can make this pod do, and keep, has bounds.

-- Runs for the thread of one post since when they are counted: at most a day.
ALTER TABLE threads ADD COLUMN counted_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN runs INTEGER NOT NULL DEFAULT 0;

-- What a dislike is of; there is one of each by one person.
ALTER TABLE raw_entities ADD COLUMN target_guid TEXT;
CREATE UNIQUE INDEX raw_entities_once ON raw_entities (author_id, kind, target_guid);

-- What another pod runs, in small letters, as its NodeInfo says; and when it was last asked.
ALTER TABLE remote_pods ADD COLUMN software TEXT;
ALTER TABLE remote_pods ADD COLUMN software_asked_at INTEGER NOT NULL DEFAULT 0;
