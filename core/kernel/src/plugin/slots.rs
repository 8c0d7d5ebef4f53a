//! The places of pages that plugins fill, as `slots.toml` lists them.
use std::sync::LazyLock;

use serde::Deserialize;

/// A place of a page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    pub id: String,
    /// What it is about.
    pub subject: Subject,
}

/// What a place is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The page.
    None,
    Post,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    slot: Vec<Slot>,
}

static ALL: LazyLock<Vec<Slot>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("slots.toml")).expect("slots.toml is read by a test");
    file.slot
});

/// Every place there is.
pub fn all() -> &'static [Slot] {
    &ALL
}

/// The place of this name.
pub fn find(id: &str) -> Option<&'static Slot> {
    all().iter().find(|slot| slot.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_listed_once() {
        let mut names: Vec<_> = all().iter().map(|slot| slot.id.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
        assert_eq!(find("post.footer").map(|slot| slot.subject), Some(Subject::Post));
        assert_eq!(find("anywhere"), None);
    }
}
