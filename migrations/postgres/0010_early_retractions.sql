-- Retractions of what is not here yet, so that it does not stay when it comes.

CREATE TABLE early_retractions (
    kind TEXT NOT NULL,
    guid TEXT NOT NULL,
    -- who took it back: it counts where they are the author of what comes
    sender_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, guid, sender_id)
);
CREATE INDEX early_retractions_by_sender ON early_retractions (sender_id);
CREATE INDEX early_retractions_by_time ON early_retractions (at);
