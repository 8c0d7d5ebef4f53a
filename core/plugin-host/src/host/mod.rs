//! What plugins may ask of the pod, one file per capability.

pub(crate) mod log;
