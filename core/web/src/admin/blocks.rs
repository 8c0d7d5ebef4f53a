//! `/admin/blocks`: pods and people that are kept away, and lists of others that wait for a decision.
use crate::{
    App,
    error::Result,
    fields::{Fields, Query},
    page::{field_errors, saying, see_other},
    theme::contract::{
        Form,
        blocks::{AdminBlockDraftsPage, AdminBlocksPage, BlockView, DraftView, Level, ProblemView},
    },
    view,
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    Error, Invalid,
    access::Admin,
    id::{BlockId, DraftId},
    moderation::{self, Block, Draft, NewBlock, Severity, Target, blocklist},
};

const TYPED: [&str; 6] = ["target", "level", "subdomains", "media", "reason", "note"];

/// `GET /admin/blocks`, with `?edit=<id>` to change one.
pub async fn show(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let editing = match query.id("edit") {
        Some(id) => Some(moderation::find(&app.pod, admin, BlockId(id)).await?),
        None => None,
    };
    let form = editing.as_ref().map_or_else(|| Form::default().value("level", "suspend"), form_of);
    let page = page(&app, admin, editing.map(|block| block.id), form).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn page(app: &App, admin: Admin, editing: Option<BlockId>, form: Form) -> Result<AdminBlocksPage> {
    let blocks = moderation::list(&app.pod, admin).await?;
    let (_, drafts) = moderation::drafts(&app.pod, admin).await?;
    Ok(AdminBlocksPage {
        blocks: blocks.into_iter().map(block_view).collect(),
        drafts: view::count(drafts),
        editing: editing.map(|id| id.0),
        form,
    })
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::None => Level::Media,
        Severity::Silence => Level::Silence,
        Severity::Suspend => Level::Suspend,
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Media => "media",
        Level::Silence => "silence",
        Level::Suspend => "suspend",
    }
}

fn block_view(block: Block) -> BlockView {
    let severity = block.severity();
    BlockView {
        id: block.id.0,
        level: level(severity),
        pictures_hidden: block.reject_media && severity == Severity::Silence,
        target: block.target,
        subdomains: block.subdomains,
        reason: block.reason,
        note: block.note,
        actor: block.actor,
        at: block.updated_at.0,
    }
}

fn form_of(block: &Block) -> Form {
    let mut form = Form::default()
        .value("target", &block.target)
        .value("level", word(level(block.severity())))
        .value("reason", &block.reason)
        .value("note", &block.note);
    for (name, on) in [("subdomains", block.subdomains), ("media", block.reject_media)] {
        if on {
            form = form.value(name, "true");
        }
    }
    form
}

/// What was typed, about `target`.
fn typed(fields: &Fields, target: &str) -> Result<NewBlock, Invalid> {
    let target: Target = target.parse()?;
    let severity = match fields.get("level") {
        Some("media") => Severity::None,
        Some("silence") => Severity::Silence,
        Some("suspend") => Severity::Suspend,
        _ => return Err(Invalid::new("level", "required")),
    };
    Ok(NewBlock {
        subdomains: fields.ticked("subdomains") && !target.is_person(),
        reject_media: fields.ticked("media") || severity == Severity::None,
        reason: fields.text("reason").trim().to_owned(),
        note: fields.text("note").trim().to_owned(),
        ..NewBlock::of(target, severity)
    })
}

/// `POST /admin/blocks`
pub async fn add(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let target = fields.text("target");
    keep(&app, admin, &visit, &fields, typed(&fields, &target), None).await
}

/// `PUT /admin/blocks/{id}`
pub async fn change(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Response> {
    let known = moderation::find(&app.pod, admin, BlockId(id)).await?;
    let new = typed(&fields, &known.target).map(|new| NewBlock {
        reject_reports: known.reject_reports,
        obfuscate: known.obfuscate,
        ..new
    });
    keep(&app, admin, &visit, &fields, new, Some(known.id)).await
}

async fn keep(
    app: &App,
    admin: Admin,
    visit: &Visit,
    fields: &Fields,
    new: Result<NewBlock, Invalid>,
    editing: Option<BlockId>,
) -> Result<Response> {
    let done = match new {
        Ok(new) => moderation::block(&app.pod, admin, new).await.map(drop),
        Err(invalid) => Err(invalid.into()),
    };
    match done {
        Ok(()) => Ok(saying(app, "flash-saved", see_other("/admin/blocks"))),
        Err(error) => {
            let form = field_errors(error, fields.kept("", &TYPED), &[])?;
            app.refuse(visit, &page(app, admin, editing, form).await?).await
        }
    }
}

/// `DELETE /admin/blocks/{id}`
pub async fn remove(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    Path(id): Path<i64>,
) -> Result<Response> {
    let known = moderation::find(&app.pod, admin, BlockId(id)).await?;
    moderation::unblock(&app.pod, admin, &known.target.parse()?).await?;
    Ok(saying(&app, "flash-saved", see_other("/admin/blocks")))
}

/// `GET /admin/blocks/export`: the rules about pods as fediverse servers exchange them.
pub async fn export(State(app): State<App>, IsAdmin(admin): IsAdmin) -> Result<Response> {
    let list = blocklist::print(&moderation::list(&app.pod, admin).await?);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"domain_blocks.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, list).into_response())
}

// --- drafts ---

/// `GET /admin/blocks/drafts`
pub async fn drafts(State(app): State<App>, IsAdmin(admin): IsAdmin, visit: Visit) -> Result<Response> {
    let page = drafts_page(&app, admin, Form::default().value("level", "suspend")).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn drafts_page(app: &App, admin: Admin, form: Form) -> Result<AdminBlockDraftsPage> {
    let (drafts, waiting) = moderation::drafts(&app.pod, admin).await?;
    Ok(AdminBlockDraftsPage {
        drafts: drafts.into_iter().map(draft_view).collect(),
        waiting: view::count(waiting),
        problems: Vec::new(),
        problem_count: 0,
        form,
    })
}

fn draft_view(draft: Draft) -> DraftView {
    DraftView {
        id: draft.id.0,
        target: draft.target,
        subdomains: draft.subdomains,
        level: level(draft.severity),
        pictures_hidden: draft.reject_media && draft.severity == Severity::Silence,
        reason: draft.reason,
        source: draft.source,
        present: draft.present.map(level),
        people: view::count(draft.people),
        contacts: view::count(draft.contacts),
    }
}

/// `POST /admin/blocks/import`: lines become drafts; what is of no use is listed.
pub async fn import(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let plain = match fields.get("level") {
        Some("media") => Severity::None,
        Some("silence") => Severity::Silence,
        _ => Severity::Suspend,
    };
    let read = match blocklist::parse(&fields.text("list"), plain) {
        Ok(read) => read,
        Err(invalid) => {
            // a list that is too long is not sent back
            let kept = fields.kept("", &["source", "level"]);
            let form = field_errors(Error::from(invalid), kept, &[])?;
            return app.refuse(&visit, &drafts_page(&app, admin, form).await?).await;
        }
    };
    moderation::import(&app.pod, admin, &read.entries, &fields.text("source")).await?;
    if read.problem_count == 0 {
        return Ok(saying(&app, "flash-saved", see_other("/admin/blocks/drafts")));
    }
    let mut page = drafts_page(&app, admin, Form::default().value("level", "suspend")).await?;
    page.problem_count = read.problem_count as u64;
    page.problems = read
        .problems
        .into_iter()
        .map(|problem| ProblemView { line: problem.line as u64, text: problem.text, rule: problem.rule })
        .collect();
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `POST /admin/blocks/drafts`: approves or discards the ticked ones.
pub async fn decide(State(app): State<App>, IsAdmin(admin): IsAdmin, fields: Fields) -> Result<Response> {
    let ids: Vec<DraftId> =
        fields.all("draft").iter().filter_map(|id| id.parse().ok()).map(DraftId).collect();
    match fields.get("decision") {
        Some("approve") => moderation::approve(&app.pod, admin, &ids).await?,
        Some("discard") => moderation::discard(&app.pod, admin, &ids).await?,
        _ => return Err(Invalid::new("decision", "unknown-choice").into()),
    };
    Ok(saying(&app, "flash-saved", see_other("/admin/blocks/drafts")))
}
