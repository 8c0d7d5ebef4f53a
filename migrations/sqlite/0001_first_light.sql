-- First light: accounts, people, posts, federation and jobs.
-- Times are microseconds since the Unix epoch; guids name things across pods, ids only here.

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE remote_pods (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL UNIQUE,
    base_url TEXT NOT NULL,
    -- first failure of an unbroken run of failures; null while the pod answers
    offline_since INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    -- no delivery before this time
    retry_at INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    last_seen_at INTEGER,
    created_at INTEGER NOT NULL
);

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    diaspora_id TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    -- null for people of this pod
    remote_pod_id INTEGER REFERENCES remote_pods (id),
    closed_at INTEGER,
    created_at INTEGER NOT NULL,
    -- when a remote profile was last asked for
    fetched_at INTEGER NOT NULL
);
CREATE INDEX people_by_remote_pod ON people (remote_pod_id);

CREATE TABLE profiles (
    person_id INTEGER NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    -- lower case, for searching
    full_name TEXT NOT NULL DEFAULT '',
    image_url TEXT,
    image_url_medium TEXT,
    image_url_small TEXT,
    bio TEXT NOT NULL DEFAULT '',
    -- YYYY-MM-DD; year 1004 means that none was given
    birthday TEXT,
    gender TEXT NOT NULL DEFAULT '',
    location TEXT NOT NULL DEFAULT '',
    tag_string TEXT NOT NULL DEFAULT '',
    searchable BOOLEAN NOT NULL,
    nsfw BOOLEAN NOT NULL,
    public_details BOOLEAN NOT NULL,
    edited_at INTEGER,
    updated_at INTEGER NOT NULL
);
CREATE INDEX profiles_by_full_name ON profiles (full_name);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL UNIQUE REFERENCES people (id),
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    -- sealed
    private_key BLOB NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    -- auto, light or dark
    color_mode TEXT NOT NULL,
    default_public BOOLEAN NOT NULL,
    locked_at INTEGER,
    last_seen_at INTEGER NOT NULL,
    -- sealed; there is a secret and `totp_since` is null while setting it up
    totp_secret BLOB,
    totp_since INTEGER,
    -- the last time step that was used: a code works once
    totp_step INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);

CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    used_at INTEGER,
    UNIQUE (user_id, code_hash)
);

CREATE TABLE spare_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- the row's name in the seal, known before the row has an id
    name TEXT NOT NULL UNIQUE,
    private_key BLOB NOT NULL,
    public_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- open, or code while the second factor is missing
    state TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE aspects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX aspects_by_name ON aspects (user_id, lower(name));

CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- they share with me
    sharing BOOLEAN NOT NULL,
    -- I share with them: they are in at least one of my aspects
    receiving BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (user_id, person_id)
);
CREATE INDEX contacts_by_person ON contacts (person_id);

CREATE TABLE aspect_memberships (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    aspect_id INTEGER NOT NULL REFERENCES aspects (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    UNIQUE (aspect_id, contact_id)
);
CREATE INDEX aspect_memberships_by_contact ON aspect_memberships (contact_id);

CREATE TABLE blocks (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, person_id)
);
CREATE INDEX blocks_by_person ON blocks (person_id);

CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    -- its author is of this pod
    local BOOLEAN NOT NULL,
    nsfw BOOLEAN NOT NULL,
    provider TEXT,
    comments_count INTEGER NOT NULL DEFAULT 0,
    likes_count INTEGER NOT NULL DEFAULT 0,
    -- what the author says, never in the future
    created_at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL
);
CREATE INDEX posts_public ON posts (created_at DESC, id DESC) WHERE public;
CREATE INDEX posts_by_author ON posts (author_id, created_at DESC, id DESC);

-- Who a limited post was sent to, frozen in the transaction that published it.
CREATE TABLE post_audience (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, person_id)
);
CREATE INDEX post_audience_by_person ON post_audience (person_id);

-- Which aspects its author chose: a label for the author, no rule reads it.
CREATE TABLE aspect_visibilities (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    aspect_id INTEGER NOT NULL REFERENCES aspects (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, aspect_id)
);
CREATE INDEX aspect_visibilities_by_aspect ON aspect_visibilities (aspect_id);

-- Which users of this pod a remote limited post was sent to.
CREATE TABLE share_visibilities (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, user_id)
);
CREATE INDEX share_visibilities_by_user ON share_visibilities (user_id);

-- The home stream, written when a post arrives.
CREATE TABLE home_entries (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    sort_at INTEGER NOT NULL,
    -- 1 a contact wrote it, 2 my own, 4 a tag that I follow, 8 mentions me
    reasons INTEGER NOT NULL,
    PRIMARY KEY (user_id, post_id)
);
CREATE INDEX home_entries_in_order ON home_entries (user_id, sort_at DESC, post_id DESC);
CREATE INDEX home_entries_by_post ON home_entries (post_id);

CREATE TABLE photos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    post_id INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    remote_path TEXT NOT NULL,
    remote_name TEXT NOT NULL,
    text TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    created_at INTEGER NOT NULL
);
CREATE INDEX photos_by_post ON photos (post_id, position);
CREATE INDEX photos_by_author ON photos (author_id);

CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL
);
CREATE INDEX comments_by_post ON comments (post_id, created_at, id);
CREATE INDEX comments_by_author ON comments (author_id);

CREATE TABLE likes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    UNIQUE (post_id, author_id)
);
CREATE INDEX likes_by_author ON likes (author_id);

-- Who asked to be sent everything that happens to a post.
CREATE TABLE participations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    UNIQUE (post_id, author_id)
);
CREATE INDEX participations_by_author ON participations (author_id);

-- The signed element of a comment or like on a post of this pod, as it is relayed.
CREATE TABLE relay_payloads (
    kind TEXT NOT NULL,
    guid TEXT NOT NULL,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    xml TEXT NOT NULL,
    PRIMARY KEY (kind, guid)
);
CREATE INDEX relay_payloads_by_post ON relay_payloads (post_id);

-- Entities that this pod verifies and keeps, and does not understand further.
CREATE TABLE raw_entities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    guid TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    parent_guid TEXT,
    -- the local user whose key opened it; null when it came publicly
    recipient_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    xml TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (kind, guid)
);
CREATE INDEX raw_entities_by_author ON raw_entities (author_id);
CREATE INDEX raw_entities_by_recipient ON raw_entities (recipient_id);
CREATE INDEX raw_entities_by_parent ON raw_entities (parent_guid);

-- What was retracted is not made again by a replay.
CREATE TABLE tombstones (
    kind TEXT NOT NULL,
    guid TEXT NOT NULL,
    retracted_at INTEGER NOT NULL,
    PRIMARY KEY (kind, guid)
);

CREATE TABLE mentions (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- 0 when the post itself mentions
    comment_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, comment_id, person_id)
);
CREATE INDEX mentions_by_person ON mentions (person_id, post_id);

CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE post_tags (
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tag_id, post_id)
);
CREATE INDEX post_tags_in_order ON post_tags (tag_id, created_at DESC, post_id DESC);
CREATE INDEX post_tags_by_post ON post_tags (post_id);

CREATE TABLE tag_followings (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, tag_id)
);
CREATE INDEX tag_followings_by_tag ON tag_followings (tag_id);

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- comment_on_post, also_commented, liked, mentioned, mentioned_in_comment, started_sharing
    kind TEXT NOT NULL,
    -- the post it is about, or the person for started_sharing
    post_id INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    person_id INTEGER REFERENCES people (id) ON DELETE CASCADE,
    -- the comment that mentions
    comment_id INTEGER REFERENCES comments (id) ON DELETE CASCADE,
    unread BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX notifications_in_order ON notifications (user_id, updated_at DESC, id DESC);
CREATE UNIQUE INDEX notifications_open ON notifications
    (user_id, kind, COALESCE(post_id, 0), COALESCE(person_id, 0), COALESCE(comment_id, 0)) WHERE unread;
CREATE INDEX notifications_by_post ON notifications (post_id);
CREATE INDEX notifications_by_comment ON notifications (comment_id);
CREATE INDEX notifications_by_person ON notifications (person_id);

CREATE TABLE notification_actors (
    notification_id INTEGER NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    PRIMARY KEY (notification_id, person_id)
);
CREATE INDEX notification_actors_by_person ON notification_actors (person_id);

-- Sanitised HTML of a text by the renderer that made it.
CREATE TABLE rendered_posts (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    renderer_key TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (post_id, renderer_key)
);
CREATE TABLE rendered_comments (
    comment_id INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    renderer_key TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (comment_id, renderer_key)
);
CREATE TABLE rendered_bios (
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    renderer_key TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (person_id, renderer_key)
);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- at most one waiting job of a kind has this key
    key TEXT,
    run_at INTEGER NOT NULL,
    lease_until INTEGER,
    lease_token TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    -- waiting, running, dead (gave up) or quarantined (crashed too often)
    state TEXT NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at, id);
CREATE UNIQUE INDEX jobs_once ON jobs (kind, key) WHERE key IS NOT NULL AND state = 'waiting';

-- What is sent to other pods: the entity and its signed envelope, once.
CREATE TABLE payloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sender_id INTEGER NOT NULL REFERENCES people (id),
    entity TEXT NOT NULL,
    -- the signed envelope
    envelope TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL
);

-- One push of a payload: to a pod when public, to a person when not.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    payload_id INTEGER NOT NULL REFERENCES payloads (id) ON DELETE CASCADE,
    remote_pod_id INTEGER NOT NULL REFERENCES remote_pods (id) ON DELETE CASCADE,
    -- 0 for the whole pod
    recipient_id INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (payload_id, remote_pod_id, recipient_id)
);
CREATE INDEX deliveries_by_pod ON deliveries (remote_pod_id, id);

CREATE TABLE plugins (
    slug TEXT NOT NULL PRIMARY KEY,
    plugin_id TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    -- JSON
    grants TEXT NOT NULL,
    enabled_at INTEGER,
    last_error TEXT
);

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- null when it was done from the command line
    actor_id INTEGER REFERENCES users (id),
    action TEXT NOT NULL,
    detail TEXT NOT NULL
);
