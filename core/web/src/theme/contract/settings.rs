//! A member's own settings: profile, look and language; password's neighbours: second factor and sessions.
use serde::Serialize;

use super::{Form, Message, Mode, Page, SafeHtml, views::PersonView};

#[derive(Debug, Clone, Serialize)]
pub struct LanguageView {
    /// `en`, `de`
    pub id: String,
    /// In that language itself.
    pub name: String,
}

/// `/user/edit`: look, language, the audience that new posts start with. Posts to `/user` (`_method=put`):
/// `user[language]`, `user[color_mode]` (`auto`, `light`, `dark`), `user[default_public]` (`true`, `false`),
/// `user[timezone]`. Errors in `form` stand under `language`, `color_mode`, `timezone`. Closing the account posts to `/user`
/// (`_method=delete`): `user[current_password]`; errors in `close_form` stand under `current_password`.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsAccountPage {
    pub email: String,
    pub form: Form,
    pub close_form: Form,
    pub mode: Mode,
    pub language: String,
    pub languages: Vec<LanguageView>,
    pub default_public: bool,
    /// The IANA name of the member's zone, and all there are.
    pub timezone: String,
    pub timezones: Vec<String>,
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
            form: Form::default(),
            close_form: Form::default(),
            mode: Mode::Auto,
            language: "en".into(),
            languages: languages.map(|(id, name)| LanguageView { id: id.into(), name: name.into() }).into(),
            default_public: false,
            timezone: "UTC".into(),
            timezones: vec!["Europe/Berlin".into(), "UTC".into()],
        };
        let form = Form::default()
            .error("language", "unknown-choice")
            .error("color_mode", "unknown-choice")
            .value("timezone", "Mars/\"Olympus\"")
            .error("timezone", "no-such-zone");
        vec![
            fresh.clone(),
            Self {
                form,
                close_form: Form::default().error("current_password", "wrong-password"),
                mode: Mode::Dark,
                language: "de".into(),
                default_public: true,
                ..fresh
            },
        ]
    }
}

/// `/profile/edit`. Posts to `/profile` (`_method=put`): `profile[first_name]`, `profile[last_name]`,
/// `profile[bio]`, `profile[location]`, `profile[gender]`, `profile[birthday]`, `profile[tag_string]`, and
/// `profile[searchable]`, `profile[nsfw]`, `profile[public_details]` (`true` or absent).
/// Fields in `form` are the names inside the brackets. The picture posts to `/profile/photo` (a form with the file
/// `portrait`), and goes by `_method=delete` there; errors in `portrait_form` stand under `portrait`.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsProfilePage {
    pub form: Form,
    /// Me, as others see me.
    pub seen_as: PersonView,
    pub portrait_form: Form,
}

impl Page for SettingsProfilePage {
    const TEMPLATE: &'static str = "pages/settings_profile.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("settings-profile-title")
    }

    fn samples() -> Vec<Self> {
        let filled = Form::default()
            .value("first_name", "Robin")
            .value("bio", "</textarea><b>")
            .value("searchable", "true")
            .error("bio", "too-long")
            .error("birthday", "invalid")
            .error("tag_string", "too-many");
        let me = PersonView::sample("Robin", "robin@meadow.example");
        let seen = PersonView { avatar: Some("/-/media/sample/0".into()), ..me.clone() };
        let portrait_form = Form::default().error("portrait", "picture-format");
        vec![
            Self { form: Form::default(), seen_as: me, portrait_form: Form::default() },
            Self { form: filled, seen_as: seen, portrait_form },
        ]
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

/// `/user/security`. A session is ended by POST to `/user/sessions/<id>` (`_method=delete`); the password
/// changes by POST to `/user/password`: `current_password`, `new_password`, `new_password_confirmation`.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsSecurityPage {
    pub two_factor: TwoFactor,
    /// Fields `code` and `password`.
    pub form: Form,
    /// Fields as they are called in the form.
    pub password_form: Form,
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
            password_form: Form::default(),
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
            form: Form::default().error("code", "wrong-code"),
            ..off.clone()
        };
        let shown = Self {
            two_factor: TwoFactor::On { codes_left: 10 },
            recovery_codes: (0..10).map(|at| format!("{at}a1b-c2d3-e4f5")).collect(),
            ..off.clone()
        };
        let on = Self {
            two_factor: TwoFactor::On { codes_left: 1 },
            form: Form::default().error("password", "wrong-password"),
            password_form: Form::default()
                .error("current_password", "wrong-password")
                .error("new_password", "too-short")
                .error("new_password_confirmation", "different"),
            ..off.clone()
        };
        vec![off, pending, shown, on]
    }
}

/// `/privacy`: whom I ignore. Ignoring posts to `/blocks` (`block[person_id]`, a guid), stopping to
/// `/blocks/<guid>` (`_method=delete`).
#[derive(Debug, Clone, Serialize)]
pub struct SettingsPrivacyPage {
    pub ignored: Vec<PersonView>,
}

impl Page for SettingsPrivacyPage {
    const TEMPLATE: &'static str = "pages/settings_privacy.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("settings-privacy-title")
    }

    fn samples() -> Vec<Self> {
        let people = [("Alia Okafor", "alia@garden.example"), ("Jun Park", "jun@meadow.example")];
        let ignored = people.map(|(name, handle)| PersonView::sample(name, handle)).into();
        vec![Self { ignored: vec![] }, Self { ignored }]
    }
}
