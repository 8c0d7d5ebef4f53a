//! A place below its post.
use pappus_plugin_sdk::{Fragment, Post, template};
use serde::Serialize;

use crate::place::Place;

#[derive(Serialize)]
struct Shown {
    words: String,
    map: String,
}

pub fn show(post: &Post) -> Option<Fragment> {
    let place = post.attachments.iter().find_map(|attachment| Place::read(&attachment.data))?;
    let shown = Shown { words: place.shown(), map: place.map() };
    Some(template("place.html", serde_json::to_string(&shown).ok()?))
}
