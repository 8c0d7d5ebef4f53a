//! The podmin's pages. To everybody else they do not exist.
pub mod blocks;
pub mod jobs;
pub mod keys;
pub mod overview;
pub mod plugins;
pub mod pods;
pub mod settings;
