//! What every page shows around its own content: the pod, the member, and the line that old clients read.
use crate::{
    App,
    error::Error,
    theme::contract::{Chrome, Flash, FlashKind, Me, Mode, PodView, views::AspectView},
    view,
    visit::Visit,
};
use aws_lc_rs::digest::{SHA256, digest};
use pappus_kernel::{
    account::session::Session,
    contact::aspect::{self, Aspect},
    conversation, notification, tag,
};
use std::collections::BTreeMap;

/// The chrome of this visit: four statements for a member, none for a visitor.
pub async fn of(app: &App, visit: &Visit) -> Result<Chrome, Error> {
    let site = app.pod.site();
    let pod = PodView {
        name: site.name.clone(),
        url: site.url(""),
        version: pappus_kernel::VERSION.into(),
        registrations_open: site.open,
        development: site.is_development(),
    };
    let mut chrome = Chrome::visitor(pod, visit.lang, visit.path.clone(), app.pod.clock.now().0);
    chrome.csrf = csrf_token(visit.token.as_deref().unwrap_or("visitor"));
    chrome.flash = visit.flash.into_iter().map(said).collect();
    let (Some(session), Some(owner)) = (visit.me(), visit.owner()) else { return Ok(chrome) };
    let aspects = aspect::list(&app.pod, owner).await?;
    let unread = notification::unread(&app.pod, owner).await?;
    let messages = conversation::unread(&app.pod, owner).await?;
    let tags = tag::followed(&app.pod, owner).await?;
    chrome.mode = mode(&session.color_mode);
    chrome.gon = Some(gon(app, session, &aspects, unread, messages));
    chrome.me = Some(Me {
        name: session.name.clone(),
        handle: session.diaspora_id.clone(),
        guid: session.guid.clone(),
        avatar: session.avatar.as_deref().and_then(|url| view::portrait(app, url)),
        unread_notifications: view::count(unread),
        unread_conversations: view::count(messages),
        is_admin: session.is_admin,
        aspects: rail(visit, &aspects),
        tags: tags.into_iter().map(|tag| tag.name).collect(),
    });
    Ok(chrome)
}

/// A choice of the settings; what nobody knows is the reader's own system.
pub fn mode(stored: &str) -> Mode {
    match stored {
        "light" => Mode::Light,
        "dark" => Mode::Dark,
        _ => Mode::Auto,
    }
}

/// The aspect being looked at is marked.
fn rail(visit: &Visit, aspects: &[Aspect]) -> Vec<AspectView> {
    let query = visit.path.split_once('?').map_or("", |(_, query)| query);
    let chosen = crate::fields::Fields::parse(query.as_bytes());
    let asked: Vec<i64> =
        chosen.all("a_ids").iter().chain(&chosen.all("a_id")).filter_map(|id| id.parse().ok()).collect();
    view::aspects(aspects, |id| asked.contains(&id))
}

fn said(key: &'static str) -> Flash {
    let kind = if key == "flash-unsent" { FlashKind::Notice } else { FlashKind::Done };
    Flash { kind, key: key.into(), args: BTreeMap::new() }
}

/// Old clients want a token to send back. It is accepted and means nothing: forgery is decided by headers.
fn csrf_token(of: &str) -> String {
    hex::encode(digest(&SHA256, format!("csrf {of}").as_bytes()))
}

/// One line, in the order that its readers depend on: `user`, `preloads`, `appConfig`.
fn gon(app: &App, session: &Session, aspects: &[Aspect], unread: i64, messages: i64) -> String {
    // clients know this address for "no picture of their own"
    let picture = session
        .avatar
        .as_deref()
        .map_or("/assets/user/default.png".to_owned(), |url| view::picture(app, url));
    let user = serde_json::json!({
        "id": session.user.0,
        "guid": session.guid,
        "name": session.name,
        "diaspora_id": session.diaspora_id,
        "avatar": { "small": picture, "medium": picture, "large": picture },
        "notifications_count": unread,
        "unread_messages_count": messages,
        "admin": session.is_admin,
        "moderator": session.is_admin,
        "following_count": 0,
        "aspects": aspects.iter().map(|aspect| serde_json::json!({
            "id": aspect.id.0, "name": aspect.name, "selected": true,
        })).collect::<Vec<_>>(),
    });
    let config = serde_json::json!({
        "settings": { "podname": app.pod.site().name },
        "map": { "mapbox": { "enabled": false } },
    });
    format!("window.gon={{}};gon.user={user};gon.preloads={{}};gon.appConfig={config};")
}
