//! Files that the pod serves itself, found by their hashed names.
