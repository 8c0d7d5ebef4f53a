//! The podmin's pages. To everybody else they do not exist.
pub mod blocks;
pub mod overview;
pub mod plugins;
pub mod settings;
