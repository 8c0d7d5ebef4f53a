-- The guid that somebody's own pod gave them, where it is not the one they have here: somebody else had it first.
-- A stranger who claims a guid that this pod has not met yet thereby takes nothing from whose it is.

ALTER TABLE people ADD COLUMN home_guid TEXT;
