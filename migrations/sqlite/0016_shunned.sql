-- People of other pods who block a member, as they said themselves: nothing is sent to them.
CREATE TABLE blocked_by (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, person_id)
);
CREATE INDEX blocked_by_person ON blocked_by (person_id);

-- Retractions of what is not here yet are bounded for a pod, too: its people cost it nothing to invent.
ALTER TABLE early_retractions ADD COLUMN remote_pod_id INTEGER REFERENCES remote_pods (id) ON DELETE CASCADE;
UPDATE early_retractions SET remote_pod_id = (SELECT p.remote_pod_id FROM people p WHERE p.id = early_retractions.sender_id);
CREATE INDEX early_retractions_by_pod ON early_retractions (remote_pod_id, at);
