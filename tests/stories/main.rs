//! Stories: what people and pods do, through the router, on both databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::too_many_lines, reason = "a story is told in one go")]

mod bad_input;
mod birthdays;
mod blocks;
mod captures;
mod care;
mod circles;
mod doors;
mod early;
mod entities;
mod fetching;
mod floods;
mod kept;
mod marks;
mod members;
mod mover;
mod moving;
mod moving_talk;
mod moving_told;
mod moving_whole;
mod network;
mod packages;
mod peer;
mod photos;
mod pictures;
mod places;
mod plugin_pages;
mod plugin_settings;
mod polls;
mod races;
mod routes;
mod shunned;
mod squats;
mod talk;
mod two_pods;
