//! Moving in with an archive, and an archive to move out with.
use pappus_kernel::moving::{KINDS, REASONS};
use serde::Serialize;

use super::{Form, Message, Page};

/// Things of one kind: `moving-kind-<kind>` in the locales.
#[derive(Debug, Clone, Serialize)]
pub struct MoveStep {
    pub kind: String,
    pub done: u64,
    pub total: u64,
    pub skipped: u64,
}

/// Something that was left out: `moving-reason-<reason>` in the locales.
#[derive(Debug, Clone, Serialize)]
pub struct MoveSkipped {
    pub kind: String,
    /// A name, a diaspora* ID or a guid.
    pub label: String,
    pub reason: String,
}

/// So much was left out for one reason: `moving-reason-<reason>` in the locales.
#[derive(Debug, Clone, Serialize)]
pub struct MoveLeftOut {
    pub reason: String,
    pub count: u64,
}

/// How far a move has come.
#[derive(Debug, Clone, Serialize)]
pub struct MoveView {
    pub old_handle: String,
    pub finished_at: Option<i64>,
    pub steps: Vec<MoveStep>,
    /// What waits for pods that do not answer, once everybody was told.
    pub later: u64,
    pub left_out: Vec<MoveLeftOut>,
    pub skipped: Vec<MoveSkipped>,
}

/// The member's own archive.
#[derive(Debug, Clone, Serialize)]
pub struct ArchiveView {
    pub asked_at: i64,
    /// None while it is being made.
    pub made_at: Option<i64>,
    /// When it goes.
    pub until: i64,
    /// In KiB, at least 1.
    pub kib: u64,
}

/// `/user/move`. An archive is posted to `/user/move` as `multipart/form-data`: `archive`. One is asked for by
/// POST to `/user/export_profile` (`export_password`) and fetched by POST to `/user/download_profile`
/// (`download_password`).
#[derive(Debug, Clone, Serialize)]
pub struct SettingsMovingPage {
    /// None where nobody moves in.
    pub moving: Option<MoveView>,
    pub archive: Option<ArchiveView>,
    /// Fields `archive`, `export_password` and `download_password`.
    pub form: Form,
}

impl Page for SettingsMovingPage {
    const TEMPLATE: &'static str = "pages/settings_moving.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("settings-moving-title")
    }

    fn samples() -> Vec<Self> {
        let now = super::views::SAMPLE_NOW;
        let fresh = Self { moving: None, archive: None, form: Form::default() };
        let step = |kind: &&str| MoveStep { kind: (*kind).into(), done: 2, total: 5, skipped: 1 };
        let running = MoveView {
            old_handle: "robin@old.example".into(),
            finished_at: None,
            steps: KINDS.iter().map(step).collect(),
            later: 0,
            left_out: vec![],
            skipped: vec![],
        };
        let skipped = REASONS.iter().map(|reason| MoveSkipped {
            kind: "contact".into(),
            label: "<b>alia</b>@garden.example".into(),
            reason: (*reason).into(),
        });
        let left_out =
            REASONS.iter().zip(1..).map(|(reason, count)| MoveLeftOut { reason: (*reason).into(), count });
        let done = MoveView {
            finished_at: Some(now),
            later: 3,
            left_out: left_out.collect(),
            skipped: skipped.collect(),
            ..running.clone()
        };
        let asked = ArchiveView { asked_at: now, made_at: None, until: now + 604_800_000_000, kib: 1 };
        let made = ArchiveView { made_at: Some(now), kib: 2_048, ..asked.clone() };
        let wrong =
            Form::default().error("archive", "archive-not-yours").error("export_password", "wrong-password");
        let no_file = Form::default().error("download_password", "wrong-password");
        vec![
            fresh.clone(),
            Self { form: wrong, ..fresh },
            Self { moving: Some(running), archive: Some(asked), form: Form::default() },
            Self { moving: Some(done), archive: Some(made), form: no_file },
        ]
    }
}
