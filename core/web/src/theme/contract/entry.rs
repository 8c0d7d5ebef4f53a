//! The doors: first setup, sign-up, sign-in with its second step, and the page for visitors.
use serde::Serialize;

use super::{Form, Message, Page, views::PostView};

/// Asks for the one-time word: `GET /setup?token=…`. Field error under `token`.
#[derive(Debug, Clone, Serialize)]
pub struct SetupTokenPage {
    pub form: Form,
}

impl Page for SetupTokenPage {
    const TEMPLATE: &'static str = "pages/setup_token.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("setup-title")
    }

    fn samples() -> Vec<Self> {
        vec![Self { form: Form::default() }, Self { form: Form::default().error("token", "expired") }]
    }
}

/// Posts to `/setup`: `base_url`, `pod_name`, `username`, `email`, `password`, `registrations` (`open`, `closed`).
#[derive(Debug, Clone, Serialize)]
pub struct SetupPage {
    pub form: Form,
    /// The configuration fixes the address: it is shown and not asked for.
    pub fixed_base_url: Option<String>,
}

impl Page for SetupPage {
    const TEMPLATE: &'static str = "pages/setup.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("setup-title")
    }

    fn samples() -> Vec<Self> {
        let refused = Form::default()
            .value("base_url", "http://meadow")
            .value("pod_name", "Meadow")
            .value("username", "Robin!")
            .value("email", "robin")
            .value("registrations", "open")
            .error("base_url", "invalid")
            .error("pod_name", "required")
            .error("username", "invalid")
            .error("email", "invalid")
            .error("password", "too-short");
        vec![
            Self { form: Form::default().value("base_url", "https://meadow.example"), fixed_base_url: None },
            Self { form: refused, fixed_base_url: None },
            Self { form: Form::default(), fixed_base_url: Some("https://meadow.example".into()) },
        ]
    }
}

/// Every page of a pod without an admin, with 503: where the setup link is to be found.
#[derive(Debug, Clone, Serialize)]
pub struct NotSetUpPage {}

impl Page for NotSetUpPage {
    const TEMPLATE: &'static str = "pages/not_set_up.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("not-set-up-title")
    }

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// Posts to `/users`: `user[username]`, `user[email]`, `user[password]`, `user[password_confirmation]`.
/// In `form` the fields are `username`, `email`, `password`, `password_confirmation`.
#[derive(Debug, Clone, Serialize)]
pub struct SignUpPage {
    pub form: Form,
}

impl Page for SignUpPage {
    const TEMPLATE: &'static str = "pages/sign_up.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("sign-up-title")
    }

    fn samples() -> Vec<Self> {
        let refused = Form::default()
            .value("username", "alice")
            .value("email", "alice@example.org")
            .error("username", "taken")
            .error("password_confirmation", "different");
        vec![Self { form: Form::default() }, Self { form: refused }]
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct RegistrationsClosedPage {}

impl Page for RegistrationsClosedPage {
    const TEMPLATE: &'static str = "pages/registrations_closed.html";

    fn title(&self) -> Message {
        Message::new("closed-title")
    }

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// Posts to `/users/sign_in`: `user[username]`, `user[password]`, `user[remember_me]`, `return_to`.
/// In `form` the fields are `username`, `password`; a wrong pair is an error under `password`.
#[derive(Debug, Clone, Serialize)]
pub struct SignInPage {
    pub form: Form,
    pub return_to: Option<String>,
    /// Hidden fields with a text that could not be sent before.
    pub unsent: Vec<(String, String)>,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "pages/sign_in.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("sign-in-title")
    }

    fn samples() -> Vec<Self> {
        let refused = Form::default().value("username", "robin").error("password", "wrong-sign-in");
        vec![
            Self { form: Form::default(), return_to: None, unsent: vec![] },
            Self {
                form: refused,
                return_to: Some("/contacts".into()),
                unsent: vec![("unsent[text]".into(), "<b>kept</b>".into())],
            },
        ]
    }
}

/// The second step, again to `/users/sign_in`: `user[otp_attempt]`, a code or a recovery code.
/// In `form` the field is `otp_attempt`.
#[derive(Debug, Clone, Serialize)]
pub struct SignInCodePage {
    pub form: Form,
    pub return_to: Option<String>,
    /// Hidden fields with a text that could not be sent before.
    pub unsent: Vec<(String, String)>,
}

impl Page for SignInCodePage {
    const TEMPLATE: &'static str = "pages/sign_in_code.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("code-title")
    }

    fn samples() -> Vec<Self> {
        let refused = Form::default().error("otp_attempt", "wrong-code");
        vec![
            Self { form: Form::default(), return_to: None, unsent: vec![] },
            Self {
                form: refused,
                return_to: Some("/stream".into()),
                unsent: vec![("unsent[text]".into(), "<b>kept</b>".into())],
            },
        ]
    }
}

/// What a visitor sees at `/`.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    /// How many there are, where the admin tells.
    pub members: Option<u64>,
    pub posts: Vec<PostView>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "pages/home.html";

    fn title(&self) -> Message {
        Message::new("home-title")
    }

    fn posts(&self) -> Vec<&PostView> {
        self.posts.iter().collect()
    }

    fn samples() -> Vec<Self> {
        vec![Self { members: None, posts: vec![] }, Self { members: Some(214), posts: PostView::samples() }]
    }
}
