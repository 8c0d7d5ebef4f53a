//! A member's own settings: profile, look and language; password's neighbours: second factor and sessions.
use serde::Serialize;

use super::{Form, Message, Mode, Page, SafeHtml};

#[derive(Debug, Clone, Serialize)]
pub struct LanguageView {
    /// `en`, `de`
    pub id: String,
    /// In that language itself.
    pub name: String,
}

/// `/user/edit`. The profile posts to `/profile` (`_method=put`): `profile[first_name]`, `profile[last_name]`,
/// `profile[bio]`, `profile[location]`, `profile[gender]`, `profile[tag_string]`, `profile[searchable]` and
/// `profile[nsfw]` (`true` or absent). Look and language post to `/user` (`_method=put`): `user[language]`,
/// `user[mode]`. Fields in `profile` are the names inside the brackets.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsAccountPage {
    pub email: String,
    pub profile: Form,
    pub mode: Mode,
    pub language: String,
    pub languages: Vec<LanguageView>,
}

impl Page for SettingsAccountPage {
    const TEMPLATE: &'static str = "pages/settings_account.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("settings-account-title")
    }

    fn samples() -> Vec<Self> {
        let languages = [("en", "English"), ("de", "Deutsch")];
        let fresh = Self {
            email: "robin@example.org".into(),
            profile: Form::default(),
            mode: Mode::Auto,
            language: "en".into(),
            languages: languages.map(|(id, name)| LanguageView { id: id.into(), name: name.into() }).into(),
        };
        let profile = Form::default()
            .value("first_name", "Robin")
            .value("bio", "</textarea><b>")
            .value("searchable", "true")
            .error("bio", "too_long")
            .error("tag_string", "too_many");
        vec![fresh.clone(), Self { profile, mode: Mode::Dark, language: "de".into(), ..fresh }]
    }
}

/// The second factor. Switching on posts to `/two_factor_authentication`; confirming to
/// `/two_factor_authentication/confirm` (`user[code]`); switching off to `/two_factor_authentication`
/// (`_method=delete`, `two_factor_authentication[password]`); new codes to
/// `/two_factor_authentication/recovery_codes` (`two_factor_authentication[password]`).
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum TwoFactor {
    Off,
    /// The QR code as an `<svg>` that we made, and the key to type by hand.
    Pending {
        qr: SafeHtml,
        key: String,
    },
    On {
        codes_left: u64,
    },
}

#[derive(Debug, Clone, Serialize)]
pub struct SessionView {
    pub id: i64,
    /// Browser and system in words, from the user agent.
    pub label: String,
    pub seen_at: i64,
    pub created_at: i64,
    pub current: bool,
}

/// `/settings/security`. A session is ended by POST to `/settings/sessions/<id>` (`_method=delete`).
#[derive(Debug, Clone, Serialize)]
pub struct SettingsSecurityPage {
    pub two_factor: TwoFactor,
    /// Fields `code` and `password`.
    pub form: Form,
    /// Fresh recovery codes: shown on this one page and never again.
    pub recovery_codes: Vec<String>,
    pub sessions: Vec<SessionView>,
}

impl Page for SettingsSecurityPage {
    const TEMPLATE: &'static str = "pages/settings_security.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("settings-security-title")
    }

    fn samples() -> Vec<Self> {
        let now = super::views::SAMPLE_NOW;
        let session = |id, current| SessionView {
            id,
            label: "Firefox · Linux".into(),
            seen_at: now - id * 3_600_000_000,
            created_at: now - id * 86_400_000_000,
            current,
        };
        let off = Self {
            two_factor: TwoFactor::Off,
            form: Form::default(),
            recovery_codes: vec![],
            sessions: vec![session(1, true), session(2, false)],
        };
        let qr =
            "<svg viewBox=\"0 0 4 4\" xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h2v2h-2z\"/></svg>";
        let pending = Self {
            two_factor: TwoFactor::Pending {
                qr: SafeHtml::sanitised(qr),
                key: "JBSW Y3DP EHPK 3PXP JBSW Y3DP".into(),
            },
            form: Form::default().error("code", "wrong_code"),
            ..off.clone()
        };
        let shown = Self {
            two_factor: TwoFactor::On { codes_left: 10 },
            recovery_codes: (0..10).map(|at| format!("{at}a1b-c2d3-e4f5")).collect(),
            ..off.clone()
        };
        let on = Self {
            two_factor: TwoFactor::On { codes_left: 1 },
            form: Form::default().error("password", "wrong_password"),
            ..off.clone()
        };
        vec![off, pending, shown, on]
    }
}
