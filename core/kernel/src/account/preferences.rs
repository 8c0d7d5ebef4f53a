//! What a member chooses for themselves: language, light or dark, the usual audience, the zone of their clocks.
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
    /// What their clocks show, as an IANA name such as `Europe/Berlin`.
    pub timezone: String,
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
    let to = Preferences { timezone: zone(&to.timezone)?, ..to };
    let mut tx = pod.db.begin_durable().await?;
    store::set_preferences(&mut tx, who.user(), &to).await?;
    Ok(tx.commit().await?)
}

/// The zone under the name that is its own, however it was typed.
fn zone(typed: &str) -> Result<String, Invalid> {
    let known = jiff::tz::TimeZone::get(typed.trim()).ok();
    let name = known.and_then(|zone| zone.iana_name().map(str::to_owned));
    name.ok_or(Invalid::new("timezone", "no-such-zone"))
}

/// The names of all zones, for a list to choose from.
pub fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

/// The member's e-mail address, for their own settings page.
pub async fn email(pod: &Pod, who: Owner) -> Result<String> {
    store::email(&mut pod.db.read().await?, who.user()).await?.ok_or(crate::Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_one_name() {
        assert_eq!(zone(" europe/berlin "), Ok("Europe/Berlin".into()));
        assert_eq!(zone("UTC"), Ok("UTC".into()));
        for wrong in ["", "Berlin", "+02:00", "../../etc/passwd", "Europe/Berlin\0"] {
            assert_eq!(zone(wrong), Err(Invalid::new("timezone", "no-such-zone")), "{wrong}");
        }
        assert!(zones().iter().any(|zone| zone == "Pacific/Auckland"));
    }
}
