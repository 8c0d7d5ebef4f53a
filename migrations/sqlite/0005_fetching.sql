-- What this pod gets from others by itself: threads, the posts of newly found people, changed keys.

-- where a person's account went
ALTER TABLE people ADD COLUMN moved_to_id INTEGER REFERENCES people (id);
-- when their public posts were asked for, once
ALTER TABLE people ADD COLUMN caught_up_at INTEGER;
CREATE INDEX people_by_moved_to ON people (moved_to_id);

-- When the home pod of a remote post was last asked for everything below it.
CREATE TABLE threads (
    post_id INTEGER NOT NULL PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    asked_at INTEGER NOT NULL
);

-- What stands below a post of this pod, each in the envelope of the post's author: made when another pod
-- first asks for the whole thread.
CREATE TABLE comment_envelopes (
    comment_id INTEGER NOT NULL PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    envelope TEXT NOT NULL
);
CREATE TABLE like_envelopes (
    like_id INTEGER NOT NULL PRIMARY KEY REFERENCES likes (id) ON DELETE CASCADE,
    envelope TEXT NOT NULL
);
CREATE TABLE comment_like_envelopes (
    comment_like_id INTEGER NOT NULL PRIMARY KEY REFERENCES comment_likes (id) ON DELETE CASCADE,
    envelope TEXT NOT NULL
);

-- A person's pod shows another key than the one that this pod keeps; an admin decides.
CREATE TABLE key_changes (
    person_id INTEGER NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    guid TEXT NOT NULL,
    public_key TEXT NOT NULL,
    noticed_at INTEGER NOT NULL
);
