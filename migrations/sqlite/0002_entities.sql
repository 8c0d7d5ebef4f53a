-- Every entity: reshares, likes of comments, photos on their own, attachments and what people answer to them,
-- subscriptions that are counted, closed accounts.

-- status_message or reshare
ALTER TABLE posts ADD COLUMN kind TEXT NOT NULL DEFAULT 'status_message';
-- of a reshare: the status message that it passes on; null when that was deleted
ALTER TABLE posts ADD COLUMN root_id INTEGER REFERENCES posts (id) ON DELETE SET NULL;
ALTER TABLE posts ADD COLUMN reshares_count INTEGER NOT NULL DEFAULT 0;
-- one reshare per author and root
CREATE UNIQUE INDEX posts_by_root ON posts (root_id, author_id);

ALTER TABLE comments ADD COLUMN likes_count INTEGER NOT NULL DEFAULT 0;
-- the comment that this one answers, on pods that show threads
ALTER TABLE comments ADD COLUMN thread_parent_guid TEXT;
ALTER TABLE comments ADD COLUMN edited_at INTEGER;

CREATE TABLE comment_likes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    comment_id INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    UNIQUE (comment_id, author_id)
);
CREATE INDEX comment_likes_by_author ON comment_likes (author_id);

-- how many interactions hold the subscription
ALTER TABLE participations ADD COLUMN count INTEGER NOT NULL DEFAULT 1;

ALTER TABLE photos ADD COLUMN public BOOLEAN NOT NULL DEFAULT FALSE;
-- the post that it belongs to, which may come later
ALTER TABLE photos ADD COLUMN post_guid TEXT;
ALTER TABLE photos ADD COLUMN edited_at INTEGER;
CREATE INDEX photos_by_post_guid ON photos (post_guid);

-- What hangs on a post and is not for the core to understand: the signed element, whole.
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- poll, event, location or embed
    kind TEXT NOT NULL,
    -- the name across pods, for what has one
    guid TEXT,
    xml TEXT NOT NULL
);
CREATE INDEX attachments_by_post ON attachments (post_id, kind);
CREATE UNIQUE INDEX attachments_by_guid ON attachments (kind, guid);

-- What people answer to an attachment: votes, replies to invitations.
CREATE TABLE attachment_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    -- poll_participation or event_participation
    kind TEXT NOT NULL,
    guid TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- as it is relayed
    xml TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (kind, guid),
    UNIQUE (attachment_id, author_id)
);
CREATE INDEX attachment_answers_by_author ON attachment_answers (author_id);

-- The last word of an account that is closed or moved: the answer to whoever still writes to it.
CREATE TABLE farewells (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- account_deletion or account_migration
    entity TEXT NOT NULL,
    xml TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
