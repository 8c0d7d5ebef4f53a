-- The processes that serve one pod from one PostgreSQL, each with the set of plugins that it runs.

CREATE TABLE processes (
    name TEXT NOT NULL PRIMARY KEY,
    plugins_generation INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
);
