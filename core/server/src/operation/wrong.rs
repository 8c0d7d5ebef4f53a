//! Why an operation was not done, in words for whoever typed the command.
use pappus_kernel::{Error, Invalid, plugin::EnableError};
use serde::{Deserialize, Serialize};

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Wrong {
    /// In words.
    pub message: String,
    /// The exit code of the command.
    pub exit: u8,
}

impl Wrong {
    /// The command was used wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit: 2 }
    }

    /// It was not possible.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit: 1 }
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Self::usage(in_words(&invalid)),
            Error::InvalidFields(fields) => {
                Self::usage(fields.iter().map(in_words).collect::<Vec<_>>().join("; "))
            }
            Error::Conflict("set-up") => Self::failed("the pod is set up already"),
            Error::Forbidden("not-set-up") => {
                Self { message: "the pod is not set up yet: run `pappus setup`".into(), exit: 3 }
            }
            Error::Forbidden(reason) => Self::failed(reason),
            error => Self::failed(error.to_string()),
        }
    }
}

fn in_words(invalid: &Invalid) -> String {
    let rule = match invalid.rule {
        "required" => "is needed",
        "too-long" => "is too long",
        "too-short" => "is too short",
        "characters" => "holds characters that are not allowed",
        "reserved" => "is a reserved name",
        "taken" => "is taken",
        "not-an-address" => "is not an address",
        "not-a-url" => "is not a URL",
        "not-a-base-url" => "must be a scheme and a host, such as https://pod.example",
        "needs-https" => "needs https",
        "not-a-host" => "is neither a host nor a diaspora* ID",
        "own-pod" => "would block this very pod",
        "is-admin" => "is an admin of this pod",
        "unknown" => "is nobody here",
        "too-many" => "has more lines than are taken at once",
        "not-an-archive" => "is not an archive of an account",
        "archive-version" => "is of a version that this pod cannot read: it reads version 2.0",
        "archive-too-large" => "holds more than an archive may",
        "archive-damaged" => "is damaged or was cut off",
        "archive-paths" => "names places outside itself",
        "archive-which-file" => "must hold exactly one .json file",
        "archive-key" => "holds no usable private key",
        "archive-not-yours" => "holds a private key that is not the one of its account",
        "archive-unknown" => "is of an account that its old pod does not know",
        "archive-unreachable" => "cannot be proven to be its owner's: the old pod does not answer",
        "archive-same-pod" => "is of an account of this pod",
        "archive-moved" => "is of an account that is closed or has moved already",
        "archive-once" => "came too late: somebody has moved into this account already",
        "fixed" => "is fixed already and cannot change",
        other => other,
    };
    format!("{} {rule}", invalid.field.replace('_', " "))
}

impl From<EnableError> for Wrong {
    fn from(error: EnableError) -> Self {
        match error {
            EnableError::Refused(reason) => Self::failed(format!("the plugin stays as it was: {reason}")),
            EnableError::Other(error) => error.into(),
        }
    }
}
