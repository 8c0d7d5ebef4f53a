//! Themes: typed pages in, HTML out, from layered templates that cannot hurt.
pub mod contract;
