//! Stories: what people and pods do, through the router, on both databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bad_input;
mod doors;
mod entities;
mod members;
mod peer;
mod routes;
mod two_pods;
