//! What a member chooses for themselves: language, light or dark, the usual audience.
use super::store;
use crate::{Invalid, Pod, Result, access::Owner};

/// The choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// A language tag, for example `de`.
    pub language: String,
    /// `auto`, `light` or `dark`.
    pub color_mode: String,
    /// The composer begins with everyone as its audience.
    pub default_public: bool,
}

/// Changes them all.
pub async fn change(pod: &Pod, who: Owner, to: Preferences) -> Result<()> {
    if !matches!(to.color_mode.as_str(), "auto" | "light" | "dark") {
        return Err(Invalid::new("color_mode", "unknown-choice").into());
    }
    let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if to.language.is_empty() || to.language.len() > 16 || !to.language.chars().all(tag) {
        return Err(Invalid::new("language", "unknown-choice").into());
    }
    let mut tx = pod.db.begin_durable().await?;
    store::set_preferences(&mut tx, who.user(), &to.language, &to.color_mode, to.default_public).await?;
    Ok(tx.commit().await?)
}

/// The member's e-mail address, for their own settings page.
pub async fn email(pod: &Pod, who: Owner) -> Result<String> {
    store::email(&mut pod.db.read().await?, who.user()).await?.ok_or(crate::Error::NotFound)
}
