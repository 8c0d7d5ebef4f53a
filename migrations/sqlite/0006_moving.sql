-- Moving: archives on their way in, archives to be fetched.

-- An account that moves in.
CREATE TABLE archive_imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    old_person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- sealed; gone once the move is signed
    private_key BLOB,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
);
CREATE INDEX archive_imports_by_old ON archive_imports (old_person_id);

-- What an archive holds, one thing a row, in the order in which they are taken in.
CREATE TABLE archive_import_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    import_id INTEGER NOT NULL REFERENCES archive_imports (id) ON DELETE CASCADE,
    -- profile, aspect, contact, block, tag, post, relayable, subscription
    kind TEXT NOT NULL,
    -- what a person calls it: a name, a diaspora* ID, a guid
    label TEXT NOT NULL,
    -- JSON; empty once it was taken in
    payload TEXT NOT NULL,
    -- waiting, done or skipped
    state TEXT NOT NULL,
    -- why it was skipped
    reason TEXT,
    -- the contact, who hears of the move
    person_id INTEGER REFERENCES people (id) ON DELETE SET NULL
);
CREATE INDEX archive_import_items_in_order ON archive_import_items (import_id, state, id);
CREATE INDEX archive_import_items_by_person ON archive_import_items (person_id);

-- A member's own archive, for some days.
CREATE TABLE archive_exports (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- sealed, for it holds the private key; null while it is being made
    data BLOB,
    bytes INTEGER NOT NULL DEFAULT 0,
    asked_at INTEGER NOT NULL,
    made_at INTEGER
);
