-- The files of members' pictures. Photos and portraits lie in the media store under names that cannot be guessed;
-- a row goes after its files.

CREATE TABLE media (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- as the address ends; 128 bits of chance
    name TEXT NOT NULL UNIQUE,
    owner_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- upload (its files are being written), photo, portrait or former (a portrait that another took the place of)
    kind TEXT NOT NULL,
    -- there are smaller ones of it
    scaled BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX media_by_owner ON media (owner_id, kind);

-- null for photos of other pods; one of ours without a post waits for it
ALTER TABLE photos ADD COLUMN media_id INTEGER REFERENCES media (id);
CREATE INDEX photos_by_media ON photos (media_id);
