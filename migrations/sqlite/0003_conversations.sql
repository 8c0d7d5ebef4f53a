-- Private conversations. Who is in one is fixed when it begins; a message goes from its author to all of them.

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
);
CREATE INDEX conversations_by_author ON conversations (author_id);

CREATE TABLE conversation_participants (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    diaspora_id TEXT NOT NULL,
    -- null while their pod has not said who that is
    person_id INTEGER REFERENCES people (id) ON DELETE SET NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, diaspora_id)
);
CREATE INDEX conversation_participants_by_person ON conversation_participants (person_id);

-- Which members of this pod have it, and how it stands with each of them. No row, no reading.
CREATE TABLE conversation_visibilities (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    unread INTEGER NOT NULL,
    -- muted: no message behind this one is shown or announced
    muted_after INTEGER,
    -- muted, and not in the list either
    hidden BOOLEAN NOT NULL,
    -- when the last message came that was announced
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX conversation_visibilities_in_order ON conversation_visibilities
    (user_id, hidden, updated_at DESC, conversation_id DESC);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL
);
CREATE INDEX messages_in_order ON messages (conversation_id, created_at DESC, id DESC);
CREATE INDEX messages_by_author ON messages (author_id);

CREATE TABLE rendered_messages (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    renderer_key TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (message_id, renderer_key)
);
