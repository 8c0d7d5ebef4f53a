-- Packages of plugins that an admin brought. Those inside the binary and in folders have no row.
CREATE TABLE plugin_packages (
    -- of the file as it was brought
    sha256 TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL,
    version TEXT NOT NULL,
    -- plugin.toml
    manifest TEXT NOT NULL,
    -- the minisign key that signed it; NULL: nobody did
    signed_by TEXT,
    bytes BLOB NOT NULL,
    installed_at INTEGER NOT NULL
);
CREATE INDEX plugin_packages_slug ON plugin_packages (slug);

-- The package that runs or would run; NULL: the one of the binary or a folder
ALTER TABLE plugins ADD COLUMN package TEXT;
-- A newer one that asks for more than is granted
ALTER TABLE plugins ADD COLUMN waiting TEXT;
-- The one before, to go back to
ALTER TABLE plugins ADD COLUMN previous TEXT;
-- The key that the plugin first came with
ALTER TABLE plugins ADD COLUMN signed_by TEXT;
