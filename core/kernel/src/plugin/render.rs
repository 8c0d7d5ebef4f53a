//! Raw texts to rich ones, by the plugin that renders: in batches that never mix audiences, and with those texts
//! set aside that break it.
use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Mutex,
    time::Duration,
};

use tokio::time::Instant;

use super::{Audience, Enabled, Hook, PluginError, Plugins, RenderSource, RenderedText};

/// After so many single texts of a batch have failed, the rest is not tried.
const FAILURES_PER_BATCH: usize = 3;
/// How long a text that broke the plugin is not tried again.
const POISON_FOR: Duration = Duration::from_mins(10);
const POISON_TEXTS: usize = 256;

impl Plugins {
    /// Makes rich text of raw texts: the n-th answer is for the n-th source, `None` where the plugin
    /// failed or may not see the text. Public texts share one call; each limited one has its own, in an
    /// instance of its own. A text that breaks the plugin takes no other text with it, and is not tried
    /// again for a while.
    pub async fn render(&self, sources: Vec<RenderSource>) -> Vec<Option<RenderedText>> {
        let mut answers: Vec<Option<RenderedText>> = sources.iter().map(|_| None).collect();
        let Some(enabled) = self.rendering() else { return answers };
        let Some(audience) = enabled.grants.hooks.get(&Hook::TextRenderer) else { return answers };
        let (limited, public): (Vec<_>, Vec<_>) = sources
            .into_iter()
            .enumerate()
            .filter(|(_, source)| !enabled.poison.holds(&source.text))
            .partition(|(_, source)| source.limited);
        let mut batches = vec![public];
        if *audience != Audience::Public {
            batches.extend(limited.into_iter().map(|one| vec![one]));
        }
        for batch in batches.into_iter().filter(|batch| !batch.is_empty()) {
            let (places, texts): (Vec<usize>, Vec<RenderSource>) = batch.into_iter().unzip();
            let rendered = enabled.call(Hook::TextRenderer, render_batch(&enabled, &texts)).await;
            for (place, text) in places.into_iter().zip(rendered.into_iter().flatten()) {
                if let Some(answer) = answers.get_mut(place) {
                    *answer = text;
                }
            }
        }
        answers
    }
}

/// One call for all; where that fails, one for each, until a few have failed too. It is an error when
/// nothing came of any.
async fn render_batch(
    enabled: &Enabled,
    texts: &[RenderSource],
) -> Result<Vec<Option<RenderedText>>, PluginError> {
    let whole = render_checked(enabled, texts).await;
    let mut error = match whole {
        Ok(rendered) => return Ok(rendered.into_iter().map(Some).collect()),
        Err(error) => error,
    };
    if let ([text], true) = (texts, is_the_texts_doing(&error)) {
        enabled.poison.keep(&text.text);
    }
    if texts.len() < 2 || error == PluginError::Busy {
        return Err(error);
    }
    let mut answers = Vec::with_capacity(texts.len());
    let mut failures = 0;
    for text in texts {
        let one = if failures < FAILURES_PER_BATCH {
            render_checked(enabled, std::slice::from_ref(text)).await
        } else {
            Err(error.clone())
        };
        answers.push(match one {
            Ok(mut one) => one.pop(),
            Err(why) => {
                if failures < FAILURES_PER_BATCH && is_the_texts_doing(&why) {
                    enabled.poison.keep(&text.text);
                }
                failures += 1;
                error = why;
                None
            }
        });
    }
    if answers.iter().any(Option::is_some) { Ok(answers) } else { Err(error) }
}

/// Not the load of this machine.
fn is_the_texts_doing(error: &PluginError) -> bool {
    !matches!(error, PluginError::Busy | PluginError::Deadline(_))
}

/// As many answers as texts, or an error.
async fn render_checked(enabled: &Enabled, texts: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
    let rendered = enabled.plugin.render(texts).await?;
    if rendered.len() == texts.len() {
        return Ok(rendered);
    }
    Err(PluginError::Answer(format!("{} texts for {}", rendered.len(), texts.len())))
}

/// Texts that broke the plugin when they were alone with it.
#[derive(Debug, Default)]
pub(super) struct Poison(Mutex<VecDeque<(u64, Instant)>>);

impl Poison {
    fn holds(&self, text: &str) -> bool {
        let hash = Self::hash(text);
        let texts = self.texts();
        texts.iter().any(|(kept, since)| *kept == hash && since.elapsed() < POISON_FOR)
    }

    fn keep(&self, text: &str) {
        let mut texts = self.texts();
        texts.push_back((Self::hash(text), Instant::now()));
        if texts.len() > POISON_TEXTS {
            texts.pop_front();
        }
    }

    fn hash(text: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish()
    }

    fn texts(&self) -> std::sync::MutexGuard<'_, VecDeque<(u64, Instant)>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
