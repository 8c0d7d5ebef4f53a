//! The server: configuration, command line, the way out, and what holds the other parts together.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod archive;
mod command;
pub mod config;
pub mod control;
pub mod data_dir;
pub mod embedded;
pub mod env;
pub mod examine;
pub mod fetch;
mod figures;
pub mod guard;
mod listen;
pub mod operation;
mod schedule;
pub mod secret;
mod site;
pub mod start;
mod storage;
pub mod telemetry;

pub use command::main;
