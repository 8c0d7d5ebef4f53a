//! `theme.toml`: who a theme is, what it builds on, and its colours.
use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;

/// The one major version of the contract that there is.
pub const API: &str = "1";

/// Names a theme may give a value to: custom properties of the same name.
pub const TOKENS: [&str; 29] = [
    "paper",
    "sheet",
    "sunken",
    "line",
    "line-strong",
    "ink",
    "ink-2",
    "leaf",
    "leaf-hover",
    "leaf-soft",
    "on-leaf",
    "pollen",
    "pollen-soft",
    "pollen-ink",
    "on-pollen",
    "dusk",
    "dusk-soft",
    "clay",
    "clay-soft",
    "on-clay",
    "focus",
    "hue-1",
    "hue-2",
    "hue-3",
    "hue-4",
    "hue-5",
    "hue-6",
    "hue-7",
    "hue-8",
];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    theme: Head,
    #[serde(default)]
    tokens: Tokens,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    name: String,
    version: String,
    api: String,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    license: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    #[serde(default)]
    summary: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    #[serde(default)]
    light: BTreeMap<String, String>,
    #[serde(default)]
    dark: BTreeMap<String, String>,
}

/// A theme's manifest, checked.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub id: String,
    pub name: String,
    pub version: String,
    /// None for the core itself.
    pub parent: Option<String>,
    pub license: Option<String>,
    pub authors: Vec<String>,
    pub summary: String,
    light: BTreeMap<String, String>,
    dark: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads and checks a manifest; the error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let File { theme, tokens } = toml::from_str(text).map_err(|error| error.to_string())?;
        if !is_id(&theme.id) {
            return Err(format!(
                "theme.id `{}`: 2 to 40 of a-z, 0-9 and -, and not a name of ours",
                theme.id
            ));
        }
        if theme.api.split('.').next() != Some(API) {
            return Err(format!("theme.api `{}`: this pod has version {API}", theme.api));
        }
        let parent = theme.parent.filter(|parent| parent != "core");
        if let Some(parent) = parent.as_deref().filter(|parent| !is_id(parent) || *parent == theme.id) {
            return Err(format!("theme.parent `{parent}` is not a theme to build on"));
        }
        for (mode, colours) in [("light", &tokens.light), ("dark", &tokens.dark)] {
            for (token, colour) in colours {
                check_colour(mode, token, colour)?;
            }
        }
        Ok(Self {
            id: theme.id,
            name: theme.name,
            version: theme.version,
            parent,
            license: theme.license,
            authors: theme.authors,
            summary: theme.summary,
            light: tokens.light,
            dark: tokens.dark,
        })
    }

    /// Takes over every colour that `parent` sets and this one does not.
    pub fn inherit(&mut self, parent: &Self) {
        for (mine, theirs) in [(&mut self.light, &parent.light), (&mut self.dark, &parent.dark)] {
            for (token, colour) in theirs {
                mine.entry(token.clone()).or_insert_with(|| colour.clone());
            }
        }
    }

    /// The colours as a style sheet of custom properties, over the core's.
    /// A token with one mode only stays the core's in the other.
    pub fn stylesheet(&self) -> String {
        let mut sheet = String::from("@layer tokens{");
        for (mode, colours) in [("light", &self.light), ("dark", &self.dark)] {
            rule(&mut sheet, &format!("[data-mode={mode}]"), colours);
            let _ = write!(sheet, "@media (prefers-color-scheme:{mode}){{");
            rule(&mut sheet, "[data-mode=auto]", colours);
            sheet.push('}');
        }
        sheet.push('}');
        sheet
    }

    /// Whether it changes any colour.
    pub fn has_tokens(&self) -> bool {
        !self.light.is_empty() || !self.dark.is_empty()
    }
}

fn rule(sheet: &mut String, selector: &str, colours: &BTreeMap<String, String>) {
    let _ = write!(sheet, "{selector}{{");
    for (token, colour) in colours {
        let _ = write!(sheet, "--{token}:{colour};");
    }
    sheet.push('}');
}

fn is_id(id: &str) -> bool {
    let letters = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (2..=40).contains(&id.len()) && letters && !["core", "safe", "parent"].contains(&id)
}

/// Only hexadecimal colours: a value goes into a style sheet as it is.
fn check_colour(mode: &str, token: &str, colour: &str) -> Result<(), String> {
    if !TOKENS.contains(&token) {
        return Err(format!("tokens.{mode}.{token}: there is no such token"));
    }
    let digits = colour.strip_prefix('#').unwrap_or_default();
    if !matches!(digits.len(), 3 | 6) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("tokens.{mode}.{token} `{colour}`: a colour is #rrggbb"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(head: &str, tokens: &str) -> Result<Manifest, String> {
        let base = "name = \"M\"\nversion = \"1.0.0\"\n";
        Manifest::parse(&format!("[theme]\n{base}{head}\n{tokens}"))
    }

    #[test]
    fn what_is_wrong_with_a_manifest_is_said() {
        let good = "id = \"meadow\"\napi = \"1\"";
        let table = [
            ("id = \"core\"\napi = \"1\"", "", "theme.id"),
            ("id = \"../x\"\napi = \"1\"", "", "theme.id"),
            ("id = \"meadow\"\napi = \"2\"", "", "theme.api"),
            ("id = \"meadow\"\napi = \"1\"\nparent = \"meadow\"", "", "theme.parent"),
            ("id = \"meadow\"\napi = \"1\"\nscript = \"x.js\"", "", "script"),
            (good, "[tokens.light]\nblood = \"#ff0000\"", "no such token"),
            (good, "[tokens.light]\npaper = \"red;}body{display:none\"", "a colour is"),
            (good, "[tokens.dark]\npaper = \"url(https://x)\"", "a colour is"),
            (good, "[tokens.dark]\npaper = \"#12345g\"", "a colour is"),
        ];
        for (head, tokens, reason) in table {
            let error = manifest(head, tokens).unwrap_err();
            assert!(error.contains(reason), "{head} {tokens}: {error}");
        }
        assert!(manifest(good, "[tokens.light]\npaper = \"#fff\"").is_ok());
    }

    #[test]
    fn a_colour_of_one_mode_leaves_the_other_alone() {
        let sheet = manifest("id = \"meadow\"\napi = \"1\"", "[tokens.dark]\npaper = \"#000000\"")
            .unwrap()
            .stylesheet();
        assert!(sheet.contains("[data-mode=dark]{--paper:#000000;}"));
        assert!(sheet.starts_with("@layer tokens{[data-mode=light]{}"));
    }
}
