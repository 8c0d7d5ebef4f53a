//! The properties of an entity, as signatures cover them.
use std::collections::HashSet;

use super::{Element, clean, write_leaf};

/// The properties of an entity in the order in which they came, unknown ones included.
///
/// A relayable's signature covers the values in this order, so a relay keeps every one of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Properties(Vec<(String, String)>);

impl Properties {
    /// Reads the children of `root`; a name that comes twice is refused, since readers differ on it.
    pub(crate) fn of(root: &Element) -> Result<Self, &str> {
        let mut seen = HashSet::new();
        for child in &root.children {
            if !seen.insert(child.name.as_str()) {
                return Err(&child.name);
            }
        }
        Ok(Self(root.children.iter().map(|child| (child.name.clone(), child.text.clone())).collect()))
    }

    pub(crate) fn from_pairs<const N: usize>(pairs: [(&str, String); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), clean(&value).into_owned())).collect())
    }

    pub(crate) fn push(&mut self, name: &str, value: String) {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value));
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Those that a signature covers: every one whose name does not contain `signature`.
    pub fn signed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(name, _)| !name.contains("signature"))
    }

    /// Prints an entity with exactly these properties.
    pub fn to_xml(&self, root: &str) -> String {
        let mut out = format!("<{root}>\n");
        for (name, value) in self.iter() {
            write_leaf(&mut out, 1, name, value);
        }
        out.push_str("</");
        out.push_str(root);
        out.push('>');
        out
    }
}
