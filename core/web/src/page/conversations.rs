//! `/conversations`: what I write with others in private. One is opened with `?conversation_id=…`, which is
//! where old clients look for its messages.
use crate::{
    App,
    error::{Error, Result},
    fields::{Fields, Query},
    page::{field_errors, found, saying, see_other, stream::older},
    theme::contract::{
        Form,
        conversations::{
            ConversationNewPage, ConversationView, ConversationsPage, MessageView, RecipientView, TalkState,
            ThreadView,
        },
    },
    view,
    visit::{SignedIn, Visit},
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};
use fluent_bundle::FluentArgs;
use pappus_kernel::{
    access::Owner,
    conversation::{self, MessageItem, MessageText, Set, State as Standing, Subject, Summary, Thread},
    error as kernel,
    id::{ContactId, PersonId, Timestamp},
    stream::Cursor,
};
use std::collections::BTreeSet;

/// `GET /conversations?conversation_id=…&set=hidden&before=…`
pub async fn show(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response> {
    let Some(key) = query.get("conversation_id") else { return list(&app, owner, &visit, &query).await };
    let thread = conversation::show(&app.pod, owner, key, cursor(&query)).await?;
    // a browser that only prepares for a click has shown nothing yet
    if query.get("before").is_none() && !headers.contains_key("sec-purpose") {
        conversation::mark_read(&app.pod, owner, &thread).await?;
    }
    if visit.json {
        return Ok(Json(json(&thread)).into_response());
    }
    open(&app, owner, &visit, thread, Form::default()).await.map(IntoResponse::into_response)
}

fn cursor(query: &Fields) -> Option<Cursor> {
    query.get("before").and_then(|cursor| cursor.parse().ok())
}

async fn list(app: &App, owner: Owner, visit: &Visit, query: &Fields) -> Result<Response> {
    let hidden = query.get("set") == Some("hidden");
    let set = if hidden { Set::Hidden } else { Set::Inbox };
    let page = conversation::list(&app.pod, owner, set, cursor(query)).await?;
    if visit.json {
        return Ok(Json(page.iter().map(summary_json).collect::<Vec<_>>()).into_response());
    }
    let path = if hidden { "/conversations?set=hidden" } else { "/conversations" };
    let page = ConversationsPage {
        hidden,
        older: older(path, next(&page).as_ref()),
        conversations: summaries(app, owner, visit, &page, None),
        thread: None,
    };
    Ok(app.render(visit, &page).await?.into_response())
}

fn next(page: &[Summary]) -> Option<Cursor> {
    let full = page.len() >= usize::try_from(conversation::PAGE).unwrap_or(usize::MAX);
    page.last().filter(|_| full).map(Summary::cursor)
}

/// One conversation beside the list in which it stands.
async fn open(app: &App, owner: Owner, visit: &Visit, thread: Thread, form: Form) -> Result<Html<String>> {
    let hidden = thread.state == Standing::Hidden;
    let set = if hidden { Set::Hidden } else { Set::Inbox };
    let page = conversation::list(&app.pod, owner, set, None).await?;
    let path = if hidden { "/conversations?set=hidden" } else { "/conversations" };
    let page = ConversationsPage {
        hidden,
        older: older(path, next(&page).as_ref()),
        conversations: summaries(app, owner, visit, &page, Some(&thread)),
        thread: Some(thread_view(app, visit, &thread, form)),
    };
    app.render(visit, &page).await
}

/// `GET /conversations/{key}`: a guid, or a number from this pod.
pub async fn find(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response> {
    let key = key.strip_suffix(".json").unwrap_or(&key);
    if visit.json {
        return Ok(Json(json(&conversation::show(&app.pod, owner, key, None).await?)).into_response());
    }
    let id = conversation::find(&app.pod, owner, key).await?;
    Ok(found(&format!("/conversations?conversation_id={id}")))
}

/// `GET /conversations/{key}/raw`: the messages without a detour.
pub async fn raw(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response> {
    let thread = conversation::show(&app.pod, owner, &key, None).await?;
    conversation::mark_read(&app.pod, owner, &thread).await?;
    open(&app, owner, &visit, thread, Form::default()).await.map(IntoResponse::into_response)
}

/// `GET /conversations/new?person_id=…`
pub async fn compose(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let page = new_page(&app, owner, &chosen(&query), query.get("person_id"), Form::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn new_page(
    app: &App,
    owner: Owner,
    chosen: &BTreeSet<PersonId>,
    guid: Option<&str>,
    form: Form,
) -> Result<ConversationNewPage> {
    let people = conversation::mutual(&app.pod, owner).await?;
    let recipients = people.iter().map(|person| RecipientView {
        id: person.id.0,
        person: view::person(app, person),
        chosen: chosen.contains(&person.id) || guid == Some(&person.guid),
    });
    Ok(ConversationNewPage { recipients: recipients.collect(), form })
}

/// Numbers of people: repeated fields as our form sends them, or with commas as old clients do.
fn chosen(fields: &Fields) -> BTreeSet<PersonId> {
    let all = fields.all("person_ids");
    all.iter()
        .flat_map(|list| list.split(','))
        .filter_map(|id| id.trim().parse().ok())
        .map(PersonId)
        .collect()
}

/// `POST /conversations`
pub async fn start(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let mut with = chosen(&fields);
    for contact in fields.all("contact_ids").iter().flat_map(|list| list.split(',')) {
        if let Ok(id) = contact.trim().parse() {
            with.extend(conversation::contact(&app.pod, owner, ContactId(id)).await?);
        }
    }
    match begin(&app, owner, &visit, &fields, &with).await {
        Ok(started) if visit.json => Ok(Json(serde_json::json!({ "id": started.id.0 })).into_response()),
        Ok(started) => {
            let to = format!("/conversations?conversation_id={}", started.id);
            Ok(saying(&app, "flash-sent", see_other(&to)))
        }
        Err(error) if visit.json => Err(error.into()),
        Err(error) => {
            let form = field_errors(error, fields.kept("conversation", &["subject", "text"]), &[])?;
            let page = new_page(&app, owner, &with, None, form).await?;
            app.refuse(&visit, &page).await
        }
    }
}

async fn begin(
    app: &App,
    owner: Owner,
    visit: &Visit,
    fields: &Fields,
    with: &BTreeSet<PersonId>,
) -> kernel::Result<conversation::Started> {
    let subject = named(visit, &fields.text("conversation[subject]"));
    let text = MessageText::try_from(fields.text("conversation[text]"))?;
    conversation::start(&app.pod, owner, Subject::try_from(subject.as_str())?, text, with).await
}

/// `POST /conversations/{key}/messages`
pub async fn reply(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(key): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let sent = match MessageText::try_from(fields.text("message[text]")) {
        Ok(text) => conversation::reply(&app.pod, owner, &key, text).await,
        Err(invalid) => Err(invalid.into()),
    };
    match sent {
        Ok(sent) => {
            Ok(see_other(&format!("/conversations?conversation_id={}#m-{}", sent.conversation, sent.guid)))
        }
        Err(error) if visit.json => Err(error.into()),
        Err(error) => {
            let form = field_errors(error, fields.kept("message", &["text"]), &[])?;
            let thread = conversation::show(&app.pod, owner, &key, None).await?;
            let page = open(&app, owner, &visit, thread, form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// A conversation that could not be begun before.
pub async fn resume(app: &App, visit: &Visit, owner: Owner, fields: &Fields) -> Result<Response> {
    let form = fields.kept("", &["subject", "text"]);
    let page = new_page(app, owner, &chosen(fields), None, form).await?;
    Ok(app.render(visit, &page).await?.into_response())
}

/// The conversation with a message that could not be sent before.
pub async fn resume_reply(app: &App, visit: &Visit, owner: Owner, key: &str, text: &str) -> Result<Response> {
    let thread = conversation::show(&app.pod, owner, key, None).await?;
    Ok(open(app, owner, visit, thread, Form::default().value("text", text)).await?.into_response())
}

/// `PUT /conversations/{key}/visibility`: `state` is `open`, `muted` or `hidden`.
pub async fn set_state(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(key): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let state = Standing::named(&fields.text("state")).ok_or(Error::Malformed("open, muted or hidden?"))?;
    stand(&app, owner, &key, state).await
}

/// `DELETE /conversations/{key}/visibility`: puts it away.
pub async fn hide(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(key): Path<String>,
) -> Result<Response> {
    stand(&app, owner, &key, Standing::Hidden).await
}

async fn stand(app: &App, owner: Owner, key: &str, state: Standing) -> Result<Response> {
    let id = conversation::find(&app.pod, owner, key).await?;
    conversation::set_state(&app.pod, owner, key, state).await?;
    let here = format!("/conversations?conversation_id={id}");
    Ok(match state {
        Standing::Open => saying(app, "flash-talk-open", see_other(&here)),
        Standing::Muted => saying(app, "flash-talk-muted", see_other(&here)),
        Standing::Hidden => saying(app, "flash-talk-hidden", see_other("/conversations")),
    })
}

// --- what is shown ---

const fn state(state: Standing) -> TalkState {
    match state {
        Standing::Open => TalkState::Open,
        Standing::Muted => TalkState::Muted,
        Standing::Hidden => TalkState::Hidden,
    }
}

/// Of a conversation that only goes on here nobody knows what it is about.
fn named(visit: &Visit, subject: &str) -> String {
    if subject.trim().is_empty() {
        return visit.lang.t("conversation-no-subject", &FluentArgs::new()).into_owned();
    }
    subject.to_owned()
}

fn summaries(
    app: &App,
    owner: Owner,
    visit: &Visit,
    all: &[Summary],
    open: Option<&Thread>,
) -> Vec<ConversationView> {
    let summary = |one: &Summary| {
        let here = open.is_some_and(|thread| thread.id == one.id);
        ConversationView {
            id: one.id.0,
            guid: one.guid.clone(),
            subject: named(visit, &one.subject),
            url: format!("/conversations?conversation_id={}", one.id),
            people: one
                .people
                .iter()
                .filter(|person| person.id != owner.person())
                .map(|person| view::person(app, person))
                .collect(),
            excerpt: one.excerpt.clone(),
            unread: view::count(one.unread),
            state: state(one.state),
            at: one.updated_at.0,
            here,
        }
    };
    all.iter().map(summary).collect()
}

fn thread_view(app: &App, visit: &Visit, thread: &Thread, form: Form) -> ThreadView {
    let path = format!("/conversations?conversation_id={}", thread.id);
    let mut before: Option<&MessageItem> = None;
    let mut seen_new = false;
    let messages = thread.messages.iter().map(|message| {
        let new_day = before.is_none_or(|last| day(last.created_at) != day(message.created_at));
        let view = MessageView {
            id: message.id.0,
            guid: message.guid.clone(),
            author: view::person(app, &message.author),
            at: message.created_at.0,
            html: view::html(app, &message.author, &message.html),
            mine: message.mine,
            first_new: message.new && !seen_new,
            new_day,
            new_voice: new_day || before.is_none_or(|last| last.author.id != message.author.id),
        };
        seen_new |= message.new;
        before = Some(message);
        view
    });
    ThreadView {
        id: thread.id.0,
        subject: named(visit, &thread.subject),
        people: thread.people.iter().map(|person| view::person(app, person)).collect(),
        unknown: thread.unknown.clone(),
        state: state(thread.state),
        messages: messages.collect(),
        earlier: older(&path, thread.earlier.as_ref()),
        form,
    }
}

/// Days in UTC, as pages show times.
fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(86_400_000_000)
}

fn summary_json(one: &Summary) -> serde_json::Value {
    serde_json::json!({ "conversation": {
        "id": one.id.0, "subject": one.subject, "guid": one.guid, "author_id": one.author.id.0,
        "created_at": iso(one.created_at), "updated_at": iso(one.updated_at),
    }})
}

fn json(thread: &Thread) -> serde_json::Value {
    serde_json::json!({ "conversation": {
        "id": thread.id.0, "subject": thread.subject, "guid": thread.guid, "author_id": thread.author.id.0,
        "created_at": iso(thread.created_at), "updated_at": iso(thread.updated_at),
    }})
}

fn iso(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .unwrap_or_default()
}
