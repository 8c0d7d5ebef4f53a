//! The errors of the domain, by what the caller can do about them.

/// What an operation answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing there, or nothing this viewer may know of: the two are never told apart.
    #[error("not found")]
    NotFound,
    /// The viewer may know of it and may not do this; a translation key says why.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// One field of the input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Several fields of the input break rules.
    #[error("{} fields are invalid", .0.len())]
    InvalidFields(Vec<Invalid>),
    /// Already so: the second of two equal requests.
    #[error("already there: {0}")]
    Conflict(&'static str),
    /// Too many tries; the number of seconds to wait.
    #[error("too many tries, wait {0} s")]
    TooMany(u64),
    /// Another pod did not answer as it should; a retry may help.
    #[error("the other pod failed: {0}")]
    Remote(String),
    /// Another pod answered what cannot be right; a retry helps only if somebody mends it there.
    #[error("the other pod failed: {0}")]
    Unusable(String),
    /// The pod's key does not open what this database holds.
    #[error("secret.key does not belong to this database: put back the key file that was made with it")]
    WrongKey,
    /// Our side; a retry may help.
    #[error("storage failed")]
    Storage(#[from] sqlx::Error),
    /// Our side; a retry will not help.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// Wraps an error of our own making.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }
}

/// What a statement says when somebody else was faster with the same value: `field` is taken.
pub(crate) fn taken(error: sqlx::Error, field: &'static str) -> Error {
    let unique = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if unique { Invalid::new(field, "taken").into() } else { error.into() }
}

/// One rule that an input breaks. `rule` is a translation key, never a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{field} breaks {rule}")]
pub struct Invalid {
    /// The form field.
    pub field: &'static str,
    /// The translation key of the rule, for example `too-long`.
    pub rule: &'static str,
}

impl Invalid {
    /// `field` breaks `rule`.
    pub const fn new(field: &'static str, rule: &'static str) -> Self {
        Self { field, rule }
    }
}
