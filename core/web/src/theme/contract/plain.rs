//! Pages without a subject of their own: a question, figures, what a plugin shows, and an error.
use serde::Serialize;

use super::{Message, Page, SafeHtml, admin::Figure};

/// Asks before something happens: a form that posts to `action` with these hidden fields.
/// The question is `confirm-<question>`, the button `confirm-<question>-button`.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmPage {
    /// `sign-out`, `read-all`, `delete-post`, `delete-comment`, `delete-aspect`, `disable-plugin`.
    pub question: String,
    pub action: String,
    /// Name and value, `_method` among them.
    pub fields: Vec<(String, String)>,
    /// Where "no" leads.
    pub back: String,
}

impl Page for ConfirmPage {
    const TEMPLATE: &'static str = "pages/confirm.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("confirm-title")
    }

    fn samples() -> Vec<Self> {
        ["sign-out", "read-all", "delete-post", "delete-comment", "delete-aspect", "disable-plugin"]
            .map(|question| Self {
                question: question.into(),
                action: "/users/sign_out".into(),
                fields: vec![("_method".into(), "delete".into())],
                back: "/stream".into(),
            })
            .into()
    }
}

/// `/statistics`.
#[derive(Debug, Clone, Serialize)]
pub struct StatisticsPage {
    /// Its name and version.
    pub software: String,
    pub registrations_open: bool,
    /// Empty where the podmin does not tell.
    pub figures: Vec<Figure>,
}

impl Page for StatisticsPage {
    const TEMPLATE: &'static str = "pages/statistics.html";

    fn title(&self) -> Message {
        Message::new("statistics-title")
    }

    fn samples() -> Vec<Self> {
        let silent = Self { software: "Pappus 0.10.0".into(), registrations_open: false, figures: vec![] };
        let ids = ["members", "active", "active_halfyear", "posts", "comments"];
        let figures = ids.map(|id| Figure { id: id.into(), value: "214".into() }).into();
        vec![silent.clone(), Self { registrations_open: true, figures, ..silent }]
    }
}

/// `/p/<slug>/…`: a page of a plugin's own.
#[derive(Debug, Clone, Serialize)]
pub struct PluginPage {
    /// Its title, in the plugin's words.
    pub heading: String,
    pub body: SafeHtml,
}

impl Page for PluginPage {
    const TEMPLATE: &'static str = "pages/plugin.html";

    fn title(&self) -> Message {
        Message::new("plugin-page-title").with("heading", self.heading.clone())
    }

    fn samples() -> Vec<Self> {
        let body = SafeHtml::sanitised("<div class=\"slot\" data-plugin=\"board\"><p>Three notes.</p></div>");
        vec![Self { heading: "Notice <board>".into(), body }]
    }
}

/// 400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503; others show the general words.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    pub status: u16,
    /// The request's id, to name when asking for help.
    pub request_id: Option<String>,
    /// One rule that was broken (`rule-…`), where that says more.
    pub rule: Option<String>,
    /// The same in words, from a plugin.
    pub words: Option<String>,
    /// What was written and could not be sent, to be copied.
    pub kept: Option<String>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "pages/error.html";

    fn title(&self) -> Message {
        Message::new("error-title").with("status", self.status.to_string())
    }

    /// When something is broken, the page that says so does not depend on a theme.
    fn protected(&self) -> bool {
        self.status >= 500
    }

    fn samples() -> Vec<Self> {
        [400, 403, 404, 405, 409, 410, 413, 415, 418, 422, 429, 500, 503]
            .map(|status| Self {
                status,
                request_id: (status >= 500).then(|| "0d9f".into()),
                rule: (status == 422).then(|| "too-long".into()),
                words: (status == 409).then(|| "The poll has <b>ended</b>.".into()),
                kept: (status == 404).then(|| "<b>kept</b>".into()),
            })
            .into()
    }
}
