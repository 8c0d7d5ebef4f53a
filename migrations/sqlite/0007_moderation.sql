-- What an admin decided about other pods and about single people, and lists of such decisions to look at.

CREATE TABLE pod_blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- a host without its port, or a diaspora* ID
    target TEXT NOT NULL UNIQUE,
    -- of a host: everything below it too
    subdomains BOOLEAN NOT NULL,
    -- 0 none, 1 silenced, 2 suspended
    severity INTEGER NOT NULL,
    reject_media BOOLEAN NOT NULL,
    -- carried from list to list
    reject_reports BOOLEAN NOT NULL,
    obfuscate BOOLEAN NOT NULL,
    -- for members
    reason TEXT NOT NULL,
    -- for admins
    note TEXT NOT NULL,
    -- null when it was done from the command line
    actor_id INTEGER REFERENCES users (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX pod_blocks_by_actor ON pod_blocks (actor_id);

-- Lines of imported lists: nothing happens before an admin approves them.
CREATE TABLE block_drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL UNIQUE,
    subdomains BOOLEAN NOT NULL,
    severity INTEGER NOT NULL,
    reject_media BOOLEAN NOT NULL,
    reject_reports BOOLEAN NOT NULL,
    obfuscate BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- What the rules make of each person, written when a rule changes or somebody is discovered.
ALTER TABLE people ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN media_hidden BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX people_blocked ON people (standing) WHERE standing > 0;
