//! Streams: mine, everybody's, one or several aspects, one tag; and the composer that stands in them.
use crate::{
    App,
    error::{Error, Result, keeping},
    fields::{Fields, Query},
    page::{field_errors, photo::attached, saying, see_other},
    plugins::{self, Problems},
    theme::contract::{
        Form,
        stream::{AudienceChoice, Composer, StreamKind, StreamPage, TagPage},
    },
    upload::{self, Sent},
    view,
    visit::{SignedIn, Visit},
};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    self as kernel, Invalid,
    access::Owner,
    attachment,
    contact::aspect::{self, Aspect},
    id::AspectId,
    media,
    post::{self, Audience, Draft, PostText},
    stream::{self, Cursor, Stream},
    tag,
};

/// Posts on a page.
pub const PAGE: i64 = 20;

/// Where a page begins; what cannot be read begins at the top.
pub fn before(query: &Fields) -> Option<Cursor> {
    let second = || query.id("max_time").map(Cursor::before_second);
    query.get("before").and_then(|cursor| cursor.parse().ok()).or_else(second)
}

/// The address of the next page.
pub fn older(path: &str, cursor: Option<&Cursor>) -> Option<String> {
    let join = if path.contains('?') { '&' } else { '?' };
    cursor.map(|cursor| format!("{path}{join}before={cursor}"))
}

/// `GET /stream`
pub async fn mine(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let composer = composer(&app, &visit, owner, Form::default(), None, &Problems::new()).await?;
    let page = home(&app, owner, before(&query), composer).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn home(app: &App, owner: Owner, from: Option<Cursor>, composer: Composer) -> Result<StreamPage> {
    let page = stream::page(&app.pod, owner.into(), Stream::Home, from, PAGE).await?;
    Ok(StreamPage {
        kind: StreamKind::Mine,
        aspect_names: vec![],
        composer: Some(composer),
        posts: view::posts(app, true, &page.items),
        older: older("/stream", page.older.as_ref()),
    })
}

/// `GET /public`
pub async fn public(State(app): State<App>, visit: Visit, Query(query): Query) -> Result<Response> {
    let page = stream::page(&app.pod, visit.viewer(), Stream::Public, before(&query), PAGE).await?;
    let composer = match visit.owner() {
        Some(owner) => Some(composer(&app, &visit, owner, Form::default(), None, &Problems::new()).await?),
        None => None,
    };
    let page = StreamPage {
        kind: StreamKind::Public,
        aspect_names: vec![],
        composer,
        posts: view::posts(&app, visit.owner().is_some(), &page.items),
        older: older("/public", page.older.as_ref()),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `GET /aspects?a_ids[]=…`: posts of the people in these aspects; without any, in all of them.
pub async fn aspects(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let all = aspect::list(&app.pod, owner).await?;
    let asked: Vec<i64> = query.all("a_ids").iter().filter_map(|id| id.parse().ok()).collect();
    let chosen: Vec<&Aspect> =
        all.iter().filter(|one| asked.is_empty() || asked.contains(&one.id.0)).collect();
    let ids: Vec<AspectId> = chosen.iter().map(|one| one.id).collect();
    let names = chosen.iter().map(|one| one.name.clone()).collect();
    let page = stream::page(&app.pod, owner.into(), Stream::Aspects(ids), before(&query), PAGE).await?;
    let asked: Vec<String> = asked.iter().map(|id| format!("a_ids[]={id}")).collect();
    let here = if asked.is_empty() { "/aspects".into() } else { format!("/aspects?{}", asked.join("&")) };
    let page = StreamPage {
        kind: StreamKind::Aspects,
        aspect_names: names,
        composer: Some(composer(&app, &visit, owner, Form::default(), None, &Problems::new()).await?),
        posts: view::posts(&app, true, &page.items),
        older: older(&here, page.older.as_ref()),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `GET /tags/{name}`
pub async fn tag(
    State(app): State<App>,
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let name = name.trim_start_matches('#').to_lowercase();
    let page =
        stream::page(&app.pod, visit.viewer(), Stream::Tag(name.clone()), before(&query), PAGE).await?;
    let following = match visit.owner() {
        Some(owner) => tag::followed(&app.pod, owner).await?.into_iter().find(|tag| tag.name == name),
        None => None,
    };
    let path: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let page = TagPage {
        composer: None,
        posts: view::posts(&app, visit.owner().is_some(), &page.items),
        older: older(&format!("/tags/{path}"), page.older.as_ref()),
        following: following.map(|tag| tag.id.0),
        can_follow: visit.owner().is_some(),
        tag: name,
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `POST /tag_followings`
pub async fn follow(State(app): State<App>, SignedIn(owner): SignedIn, fields: Fields) -> Result<Response> {
    let name = fields.text("name");
    match tag::follow(&app.pod, owner, &name).await {
        Ok(_) | Err(pappus_kernel::Error::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let path: String =
        url::form_urlencoded::byte_serialize(name.trim_start_matches('#').as_bytes()).collect();
    Ok(see_other(&format!("/tags/{path}")))
}

/// `DELETE /tag_followings/{id}`
pub async fn unfollow(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(id): Path<i64>,
) -> Result<Response> {
    let followed = tag::followed(&app.pod, owner).await?.into_iter().find(|tag| tag.id.0 == id);
    tag::unfollow(&app.pod, owner, &followed.ok_or(Error::NotFound)?.name).await?;
    Ok(saying(&app, "flash-saved", see_other("/stream")))
}

/// The composer as it begins, or as it was sent.
async fn composer(
    app: &App,
    visit: &Visit,
    owner: Owner,
    form: Form,
    sent: Option<&Fields>,
    problems: &Problems,
) -> Result<Composer> {
    let all = aspect::list(&app.pod, owner).await?;
    let usual = visit.me().is_some_and(|me| me.default_public);
    let ticked: Vec<String> = sent.map(ticked).unwrap_or_default();
    let audience = match sent.and_then(|sent| sent.get("audience")) {
        _ if !ticked.is_empty() => AudienceChoice::Chosen,
        Some("public") => AudienceChoice::Public,
        Some("chosen") => AudienceChoice::Chosen,
        // a form that broke off before it said for whom: nobody's choice is made for them
        None if sent.is_some() => AudienceChoice::Chosen,
        None if usual => AudienceChoice::Public,
        Some(_) | None => AudienceChoice::AllAspects,
    };
    let aspects = view::aspects(&all, |id| ticked.contains(&id.to_string()));
    let photos = match sent {
        Some(sent) => media::named(&app.pod, owner, &attached(sent)).await?,
        None => Vec::new(),
    };
    let extras = plugins::extras(app, visit, sent, problems);
    Ok(Composer { audience, aspects, photos: photos.iter().map(view::waiting).collect(), extras, form })
}

/// `POST /status_messages`: to everybody, or to people in aspects. Old clients say it all in `aspect_ids`.
pub async fn publish(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    request: Request,
) -> Result<Response> {
    let Sent { mut fields, photos, problem } = upload::photos(&app, owner, request).await?;
    fields.add("photos[]", photos.iter().map(|photo| photo.id.0.to_string()));
    let outcome = match problem {
        // those that came well wait in the form, beside the words about the one that did not
        Some(problem) => Err(problem),
        None if fields.get("step").is_some() => return resting(&app, &visit, owner, &fields).await,
        None => match plugins::attached(&app, &visit, &fields).await? {
            Ok(attachments) => publish_fields(&app, owner, &fields, attachments).await,
            Err(problems) => return refused(&app, &visit, owner, &fields, &problems).await,
        },
    };
    match outcome {
        Ok(published) if visit.json => {
            let said = serde_json::json!({ "id": published.id.0, "guid": published.guid });
            Ok((StatusCode::CREATED, Json(said)).into_response())
        }
        Ok(_) => Ok(saying(&app, "flash-posted", see_other("/stream"))),
        Err(error) if visit.json => Err(error.into()),
        Err(error) => {
            let kept = fields.kept("status_message", &["text"]);
            let form = match field_errors(error, kept, &[]) {
                Ok(form) => form,
                Err(error) => return Ok(keeping(error, &fields.text("status_message[text]"))),
            };
            let composer = composer(&app, &visit, owner, form, Some(&fields), &Problems::new()).await?;
            let page = home(&app, owner, None, composer).await?;
            app.refuse(&visit, &page).await
        }
    }
}

/// The form again, with what plugins say of their fields.
async fn refused(
    app: &App,
    visit: &Visit,
    owner: Owner,
    fields: &Fields,
    problems: &Problems,
) -> Result<Response> {
    if visit.json {
        return Err(kernel::Error::Invalid(Invalid::new("attachment", "invalid")).into());
    }
    let mut form = fields.kept("status_message", &["text"]);
    // what belongs to none of the fields stands beside the text
    form.said = problems.iter().find(|(name, _)| name.is_empty()).map(|(_, words)| words.clone());
    let composer = composer(app, visit, owner, form, Some(fields), problems).await?;
    let page = home(app, owner, None, composer).await?;
    app.refuse(visit, &page).await
}

/// The form again, with the photos that it brought: without a script, this is how they get their descriptions, and
/// how plugins' fields get more of a kind.
async fn resting(app: &App, visit: &Visit, owner: Owner, fields: &Fields) -> Result<Response> {
    let form = fields.kept("status_message", &["text"]);
    let composer = composer(app, visit, owner, form, Some(fields), &Problems::new()).await?;
    let page = home(app, owner, None, composer).await?;
    Ok(app.render(visit, &page).await?.into_response())
}

/// The composer with a text that could not be sent before.
pub async fn resume(app: &App, visit: &Visit, owner: Owner, text: String, sent: &Fields) -> Result<Response> {
    let composer =
        composer(app, visit, owner, Form::default().value("text", text), Some(sent), &Problems::new())
            .await?;
    let page = home(app, owner, None, composer).await?;
    Ok(app.render(visit, &page).await?.into_response())
}

/// The boxes that were ticked.
fn ticked(fields: &Fields) -> Vec<String> {
    fields.all("aspect_ids").into_iter().filter(|id| !id.is_empty()).collect()
}

async fn publish_fields(
    app: &App,
    owner: Owner,
    fields: &Fields,
    attachments: Vec<attachment::Draft>,
) -> Result<post::Published, kernel::Error> {
    let photos = attached(fields);
    let text = fields.text("status_message[text]");
    let text = if photos.is_empty() { PostText::try_from(text)? } else { PostText::beside_photos(text)? };
    let audience = match (ticked(fields), fields.get("audience")) {
        // without a script the choice above the boxes stays where it was: whoever ticks a box means the box,
        // and the smaller audience can do no harm
        (ticked, _) if !ticked.is_empty() => ticked,
        (_, Some(all @ ("public" | "all_aspects"))) => vec![all.to_owned()],
        (none, _) => none,
    };
    let audience = Audience::chosen(&audience)?;
    let provider = fields.get("status_message[provider_display_name]").filter(|name| !name.is_empty());
    let provider = provider.map(|name| name.chars().take(255).collect());
    post::publish_draft(&app.pod, owner, Draft { text, audience, provider, photos, attachments }).await
}

/// `GET /status_messages/new`: the stream, whose first field is the composer.
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn compose() -> Result<Response, Error> {
    Ok(super::found("/stream"))
}
