-- Whose it was that is gone: a name that somebody else used and gave up is not gone for whoever has it at home.

CREATE TABLE tombstones_with_author (
    kind TEXT NOT NULL,
    guid TEXT NOT NULL,
    -- null for what went before this was written down: it holds for whoever comes with that name
    author_id INTEGER REFERENCES people (id) ON DELETE CASCADE,
    retracted_at INTEGER NOT NULL
);
INSERT INTO tombstones_with_author (kind, guid, retracted_at) SELECT kind, guid, retracted_at FROM tombstones;
DROP TABLE tombstones;
ALTER TABLE tombstones_with_author RENAME TO tombstones;
CREATE UNIQUE INDEX tombstones_once ON tombstones (kind, guid, COALESCE(author_id, 0));
CREATE INDEX tombstones_by_author ON tombstones (author_id);

-- Early retractions are kept, the last ones of each sender.
DROP INDEX early_retractions_by_time;
DROP INDEX early_retractions_by_sender;
CREATE INDEX early_retractions_by_sender ON early_retractions (sender_id, at);
