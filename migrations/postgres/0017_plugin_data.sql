-- What plugins keep, and what members and the podmin chose for them. `user_id` is 0 where it belongs to no member;
-- `plugin` is the slug, without a reference: a plugin may keep things before it is switched on, and after.

-- Key and value. The sizes of all entries stand in plugin_usage.
CREATE TABLE plugin_entries (
    plugin TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    -- of the plugin's counter: never the same twice
    version BIGINT NOT NULL,
    expires_at BIGINT,
    value BYTEA NOT NULL,
    PRIMARY KEY (plugin, user_id, key)
);
CREATE INDEX plugin_entries_by_user ON plugin_entries (user_id);
CREATE INDEX plugin_entries_by_end ON plugin_entries (expires_at);

-- Bytes of a member's entries; for user 0 those of the whole plugin. Whoever writes entries holds that row.
CREATE TABLE plugin_usage (
    plugin TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    writes BIGINT NOT NULL,
    PRIMARY KEY (plugin, user_id)
);
CREATE INDEX plugin_usage_by_user ON plugin_usage (user_id);

CREATE TABLE plugin_settings (
    plugin TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    -- JSON
    value TEXT NOT NULL,
    PRIMARY KEY (plugin, user_id, key)
);
CREATE INDEX plugin_settings_by_user ON plugin_settings (user_id);

CREATE TABLE plugin_secrets (
    plugin TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    -- it is sent there and nowhere else
    origin TEXT NOT NULL,
    -- sealed
    value BYTEA NOT NULL,
    PRIMARY KEY (plugin, user_id, key)
);
CREATE INDEX plugin_secrets_by_user ON plugin_secrets (user_id);

-- Members who let a plugin act for them.
CREATE TABLE plugin_members (
    plugin TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (plugin, user_id)
);
CREATE INDEX plugin_members_by_user ON plugin_members (user_id);
