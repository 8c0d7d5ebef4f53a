-- What plugins do in the background: the zone in which a member's mornings are, when each schedule is due next, which
-- jobs are a plugin's, and what plugins tell members.
ALTER TABLE users ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';

-- The next time of each `[[schedule]]` of a plugin that is on; `user_id` is 0 where it is not a member's own.
CREATE TABLE plugin_schedules (
    plugin TEXT NOT NULL,
    job TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    -- the times and the zone from which `next_at` was reckoned
    spec TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (plugin, job, user_id)
);
CREATE INDEX plugin_schedules_due ON plugin_schedules (plugin, next_at);
CREATE INDEX plugin_schedules_by_user ON plugin_schedules (user_id);

-- The plugin for which a job runs.
ALTER TABLE jobs ADD COLUMN plugin TEXT;
CREATE INDEX jobs_by_plugin ON jobs (plugin, state) WHERE plugin IS NOT NULL;

-- What a plugin tells a member, in words of its own; it stays after it was read, so that nobody is told twice.
CREATE TABLE plugin_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plugin TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    dedupe_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    message_key TEXT NOT NULL,
    -- JSON
    args TEXT NOT NULL,
    path TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (plugin, user_id, dedupe_key)
);
CREATE INDEX plugin_notices_by_user ON plugin_notices (user_id, plugin, created_at);
ALTER TABLE notifications ADD COLUMN notice_id INTEGER REFERENCES plugin_notices (id) ON DELETE CASCADE;
CREATE INDEX notifications_by_notice ON notifications (notice_id);
DROP INDEX notifications_open;
CREATE UNIQUE INDEX notifications_open ON notifications
    (user_id, kind, COALESCE(post_id, 0), COALESCE(person_id, 0), COALESCE(comment_id, 0), COALESCE(notice_id, 0))
    WHERE unread;
