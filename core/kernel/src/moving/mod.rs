//! Moving an account from pod to pod: archives in and out in the network's format (JSON, version 2.0), and
//! the message by which both identities say that they are one person.
//!
//! | step | where |
//! |---|---|
//! | bytes that somebody gives → JSON, within limits | `unpack` |
//! | JSON → what it holds, whose it is, rows of work | `begin` |
//! | one row after the other, each in its own transaction | `import`, `item`, `own` |
//! | what a row hangs on, fetched before, and tried again later | `parent`, `later` |
//! | the signed move, contacts told, the old key dropped: one transaction | `announce` |
//! | a move that others tell of, or that is ours | `moved`, `repoint` |
//! | an archive for a member | `export`, `collect`, `collect_said`, `collect_others` |
mod announce;
mod begin;
mod collect;
mod collect_others;
mod collect_said;
mod export;
mod format;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod import;
mod item;
mod later;
mod moved;
mod own;
mod parent;
mod repoint;
mod status;
mod store;
mod unpack;

pub use begin::{begin, begin_as_operator, check_as_operator};
pub use export::{Export, ask, ask_as_operator, fetch, fetch_as_operator, sweep};
pub use import::Import;
pub(crate) use moved::has_moved;
pub use moved::{moved_to, receive};
pub use repoint::REFERENCES;
pub use status::{
    Count, KINDS, LeftOut, Made, Progress, REASONS, Skipped, export_state, progress, progress_as_operator,
};
pub use unpack::LARGEST_UPLOAD;

pub(crate) use store::moved_to as newest;
