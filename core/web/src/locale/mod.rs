//! Languages: which one a reader gets, and sentences by their keys.
mod sentence;

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_langneg::{
    LanguageIdentifier, NegotiationStrategy, negotiate_languages, parse_accepted_languages,
};
use fluent_syntax::ast::Entry;
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};

use self::sentence::Sentence;

/// A language the pod speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    En,
    De,
}

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/locales"]
struct Sentences;

/// A language's sentences: all of them as Fluent has them, and the plain ones read already.
struct Spoken {
    bundle: FluentBundle<FluentResource>,
    plain: HashMap<String, Sentence>,
}

static ENGLISH: LazyLock<Spoken> = LazyLock::new(|| Spoken::read(Lang::En));
static GERMAN: LazyLock<Spoken> = LazyLock::new(|| Spoken::read(Lang::De));

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// As in `lang="…"`, in the database and in the names of folders.
    pub fn id(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// Direction of writing: `ltr` or `rtl`.
    pub fn dir(self) -> &'static str {
        match self {
            Self::En | Self::De => "ltr",
        }
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.id() == id)
    }

    /// What a member chose, else the best of what the browser asks for, else English.
    pub fn negotiate(chosen: Option<&str>, accept_language: Option<&str>) -> Self {
        if let Some(lang) = chosen.and_then(Self::from_id) {
            return lang;
        }
        let asked = parse_accepted_languages(accept_language.unwrap_or_default());
        let spoken: Vec<LanguageIdentifier> =
            Self::ALL.iter().filter_map(|lang| lang.id().parse().ok()).collect();
        let found = negotiate_languages(&asked, &spoken, None, NegotiationStrategy::Filtering);
        found.first().and_then(|best| Self::from_id(best.language.as_str())).unwrap_or(Self::En)
    }

    /// The sentence of `key`. A sentence that a language lacks comes in English; one that is nowhere shows its
    /// key in brackets, so that it is seen and found.
    pub fn t(self, key: &str, args: &FluentArgs<'_>) -> Cow<'static, str> {
        self.find(key, args).or_else(|| Self::En.find(key, args)).unwrap_or_else(|| {
            tracing::warn!(key, lang = self.id(), "a sentence is missing");
            Cow::Owned(format!("⟦{key}⟧"))
        })
    }

    /// The sentence of `key` in this very language.
    pub fn find(self, key: &str, args: &FluentArgs<'_>) -> Option<Cow<'static, str>> {
        let spoken = self.spoken();
        let plain = spoken.plain.get(key).and_then(|sentence| sentence.say(args, self.plural()));
        plain.or_else(|| spoken.resolve(key, args).map(Cow::Owned))
    }

    fn spoken(self) -> &'static Spoken {
        match self {
            Self::En => &ENGLISH,
            Self::De => &GERMAN,
        }
    }

    /// The plural rule for whole numbers.
    fn plural(self) -> sentence::Plural {
        match self {
            Self::En | Self::De => |number| if number.abs() == 1 { "one" } else { "other" },
        }
    }

    /// Source of all this language's files, for checks.
    pub fn sources(self) -> Vec<(String, String)> {
        let folder = format!("{}/", self.id());
        let mut files: Vec<_> = Sentences::iter()
            .filter(|path| path.starts_with(&folder) && path.rsplit('.').next() == Some("ftl"))
            .filter_map(|path| {
                let file = Sentences::get(&path)?;
                Some((path.to_string(), String::from_utf8_lossy(&file.data).into_owned()))
            })
            .collect();
        files.sort();
        files
    }
}

impl Spoken {
    fn read(lang: Lang) -> Self {
        let mut bundle = bundle(lang.id());
        let mut plain = HashMap::new();
        for (path, source) in lang.sources() {
            add(&mut bundle, &path, source, |entry| {
                if let Entry::Message(message) = entry
                    && let Some(sentence) = message.value.as_ref().and_then(Sentence::read)
                {
                    plain.entry(message.id.name.to_owned()).or_insert(sentence);
                }
            });
        }
        Self { bundle, plain }
    }

    /// The sentence as Fluent makes it.
    fn resolve(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        say(&self.bundle, key, args)
    }
}

/// Sentences of one language; none yet.
pub fn bundle(language: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(language.parse().into_iter().collect());
    // Names stand in `<bdi>` where direction matters; marks inside a sentence would end up in titles.
    bundle.set_use_isolating(false);
    bundle
}

/// Adds a file of sentences, as far as it can be read; `see` is shown each entry.
pub fn add(
    bundle: &mut FluentBundle<FluentResource>,
    path: &str,
    source: String,
    see: impl FnMut(&Entry<&str>),
) {
    let resource = FluentResource::try_new(source).unwrap_or_else(|(good, errors)| {
        tracing::error!(path, ?errors, "a file of sentences has faults");
        good
    });
    resource.entries().for_each(see);
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!(path, ?errors, "sentences are defined twice");
    }
}

/// One of them, filled in.
pub fn say(bundle: &FluentBundle<FluentResource>, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let sentence = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::warn!(key, ?errors, "a sentence could not be filled in");
    }
    Some(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_members_choice_wins_over_the_browser() {
        assert_eq!(Lang::negotiate(Some("de"), Some("en")), Lang::De);
        assert_eq!(Lang::negotiate(Some("xx"), Some("de-AT, en;q=0.5")), Lang::De);
        assert_eq!(Lang::negotiate(None, Some("fr, de;q=0.3")), Lang::De);
        assert_eq!(Lang::negotiate(None, Some("fr")), Lang::En);
        assert_eq!(Lang::negotiate(None, Some(";;;\u{0}=,,q=x")), Lang::En);
        assert_eq!(Lang::negotiate(None, None), Lang::En);
    }

    #[test]
    fn a_sentence_read_before_says_what_fluent_says() {
        let values = ["0", "1", "2", "-1", "11", "21", "words", "other", ""];
        let mut said = 0;
        for lang in Lang::ALL {
            let spoken = lang.spoken();
            assert!(spoken.plain.len() > 500, "only {} sentences are plain", spoken.plain.len());
            for (key, sentence) in &spoken.plain {
                let source = format!("{sentence:?}");
                for value in values {
                    let mut args = FluentArgs::new();
                    let names = source.split(['"']).filter(|name| !name.contains(' '));
                    for name in names {
                        match value.parse::<i64>() {
                            Ok(number) => args.set(name.to_owned(), number),
                            Err(_) => args.set(name.to_owned(), value),
                        }
                    }
                    let plain = sentence.say(&args, lang.plural());
                    assert_eq!(plain.as_deref(), spoken.resolve(key, &args).as_deref(), "{key} {value}");
                    said += 1;
                }
            }
        }
        assert!(said > 9000, "only {said} sentences were compared");
    }

    #[test]
    fn a_missing_sentence_is_seen() {
        assert_eq!(Lang::De.t("no-such-key", &FluentArgs::new()), "⟦no-such-key⟧");
    }
}
