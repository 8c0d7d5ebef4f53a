//! Languages: which one a reader gets, and sentences by their keys.
use serde::{Deserialize, Serialize};

/// A language the pod speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    En,
    De,
}
