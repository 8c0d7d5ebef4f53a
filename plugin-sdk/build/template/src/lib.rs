//! Says below long posts how long it takes to read them.
use pappus_plugin_sdk::{CallContext, Failure, Fragment, Place, Slots, template};

/// The plugin: one type, with a trait for each hook.
pub struct Plugin;

/// Words that most people read in a minute.
const WORDS: usize = 200;

impl Slots for Plugin {
    fn fill(_: &CallContext, place: &Place) -> Result<Option<Fragment>, Failure> {
        let minutes = place.post().map_or(0, |post| minutes(&post.text));
        // what a place shows is a template of this package with its data
        Ok((minutes > 0).then(|| template("minutes.html", format!(r#"{{"minutes":{minutes}}}"#))))
    }
}

fn minutes(text: &str) -> usize {
    text.split_whitespace().count() / WORDS
}

pappus_plugin_sdk::slots!(Plugin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_texts_take_long() {
        assert_eq!(minutes("a few words"), 0);
        assert_eq!(minutes(&"word ".repeat(500)), 2);
    }
}
