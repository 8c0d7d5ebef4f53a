//! `/contacts`: my aspects and the people in them.
use crate::{
    App,
    error::{Error, Result},
    fields::{Fields, Query},
    page::{field_errors, person::discover, saying, see_other},
    theme::contract::{
        Form,
        people::{ContactSet, ContactsPage},
    },
    view,
    visit::{SignedIn, Visit, referring_path},
};
use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Owner,
    contact::{
        self, Set,
        aspect::{self, AspectName},
    },
    error as kernel,
    id::{AspectId, PersonId},
    person,
};
use std::collections::BTreeSet;

/// What was sent and refused.
#[derive(Default)]
struct Sent {
    add: Form,
    add_aspects: Vec<String>,
    new_aspect: Form,
    rename: Form,
    /// The aspect being looked at.
    aspect: Option<i64>,
}

/// `GET /contacts?set=…&a_id=…&page=…`
pub async fn show(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let page = page(&app, owner, &query, Sent::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn page(app: &App, owner: Owner, query: &Fields, sent: Sent) -> Result<ContactsPage> {
    let all = aspect::list(&app.pod, owner).await?;
    let asked = sent.aspect.or_else(|| query.id("a_id"));
    let looked_at = asked.and_then(|id| all.iter().find(|one| one.id.0 == id));
    let (set, kernel_set, path) = match (looked_at, query.get("set")) {
        (Some(one), _) => (ContactSet::Aspect, Set::Aspect(one.id), format!("/contacts?a_id={}", one.id)),
        (None, Some("only_sharing")) => {
            (ContactSet::OnlySharing, Set::OnlySharing, "/contacts?set=only_sharing".into())
        }
        (None, _) => (ContactSet::Mine, Set::Receiving, "/contacts?set=receiving".into()),
    };
    let number = query.id("page").unwrap_or(1).clamp(1, 10_000);
    let contacts = contact::page(&app.pod, owner, kernel_set, number).await?;
    let views = view::aspects(&all, |id| looked_at.is_some_and(|one| one.id.0 == id));
    let full = contacts.len() >= usize::try_from(contact::PAGE).unwrap_or(usize::MAX);
    let rename = match looked_at {
        Some(one) if sent.rename.values.is_empty() => sent.rename.value("name", &one.name),
        _ => sent.rename,
    };
    Ok(ContactsPage {
        set,
        aspect: views.iter().find(|one| one.chosen).cloned(),
        contacts: contacts.iter().map(|one| view::contact(app, &all, one)).collect(),
        add_form: sent.add,
        add_aspects: view::aspects(&all, |id| sent.add_aspects.contains(&id.to_string())),
        aspects: views,
        aspect_form: sent.new_aspect,
        rename_form: rename,
        older: full.then(|| format!("{path}&page={}", number + 1)),
    })
}

/// `POST /contacts`: somebody by diaspora* ID, into these aspects.
pub async fn add(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let handle = fields.text("handle");
    let aspects = fields.all("aspect_ids");
    let ids: BTreeSet<AspectId> = aspects.iter().filter_map(|id| id.parse().ok()).map(AspectId).collect();
    let kept = Form::default().value("handle", &handle);
    let refused = if ids.is_empty() {
        kept.error("aspect_ids", "required")
    } else {
        match discover(&app, owner, &handle).await? {
            Ok(found) => match contact::share_in(&app.pod, owner, &ids, found.id).await {
                Ok(_) => {
                    let there = see_other(&format!("/people/{}", found.guid));
                    return Ok(saying(&app, "flash-shared", there));
                }
                Err(error) => not_added(error, kept)?,
            },
            Err(why) => kept.error("handle", failure_rule(why)),
        }
    };
    let sent = Sent { add: refused, add_aspects: aspects, ..Sent::default() };
    let page = page(&app, owner, &Fields::default(), sent).await?;
    app.refuse(&visit, &page).await
}

/// Why somebody was not added, at the field that it is about.
fn not_added(error: kernel::Error, kept: Form) -> Result<Form> {
    let (field, rule) = match error {
        kernel::Error::Conflict(_) => ("handle", "person-there"),
        kernel::Error::Forbidden("yourself") => ("handle", "own"),
        kernel::Error::Forbidden("closed-account") => ("handle", "person-gone"),
        kernel::Error::Forbidden("ignored") => ("handle", "person-ignored"),
        kernel::Error::NotFound => ("aspect_ids", "unknown-choice"),
        error => return Err(error.into()),
    };
    Ok(kept.error(field, rule))
}

/// The rule at the field for why nobody was found.
fn failure_rule(why: &str) -> &'static str {
    match why {
        "unknown" => "person-unknown",
        "unreachable" => "person-unreachable",
        "often" => "person-often",
        "refused" => "person-refused",
        "off" => "person-off",
        _ => "invalid",
    }
}

/// `POST /aspects`
pub async fn create_aspect(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let made = match AspectName::try_from(fields.text("aspect[name]").as_str()) {
        Ok(name) => aspect::create(&app.pod, owner, name).await,
        Err(invalid) => Err(invalid.into()),
    };
    match made {
        Ok(id) => Ok(saying(&app, "flash-saved", see_other(&format!("/contacts?a_id={id}")))),
        Err(error) => {
            let new_aspect = field_errors(error, fields.kept("aspect", &["name"]), &[])?;
            let sent = Sent { new_aspect, ..Sent::default() };
            let page = page(&app, owner, &Fields::default(), sent).await?;
            app.refuse(&visit, &page).await
        }
    }
}

/// `PUT /aspects/{id}`
pub async fn rename_aspect(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Response> {
    let renamed = match AspectName::try_from(fields.text("aspect[name]").as_str()) {
        Ok(name) => aspect::rename(&app.pod, owner, AspectId(id), name).await,
        Err(invalid) => Err(invalid.into()),
    };
    match renamed {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other(&format!("/contacts?a_id={id}")))),
        Err(error) => {
            let rename = field_errors(error, fields.kept("aspect", &["name"]), &[])?;
            let sent = Sent { rename, aspect: Some(id), ..Sent::default() };
            let page = page(&app, owner, &Fields::default(), sent).await?;
            app.refuse(&visit, &page).await
        }
    }
}

/// `DELETE /aspects/{id}`
pub async fn delete_aspect(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(id): Path<i64>,
) -> Result<Response> {
    aspect::delete(&app.pod, owner, AspectId(id)).await?;
    Ok(saying(&app, "flash-deleted", see_other("/contacts")))
}

/// `POST /aspect_memberships`: `aspect_id`, and `person_id` as a number of this pod or a guid.
pub async fn join(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response> {
    let aspect = AspectId(fields.id("aspect_id").ok_or(Error::NotFound)?);
    let person = match fields.id("person_id") {
        Some(id) => PersonId(id),
        None => person::show(&app.pod, owner.into(), &fields.text("person_id")).await?.person.id,
    };
    match contact::share(&app.pod, owner, aspect, person).await {
        Ok(membership) if visit.json => {
            let name = aspect::list(&app.pod, owner).await?.into_iter().find(|one| one.id == aspect);
            let name = name.map(|one| one.name);
            Ok(Json(serde_json::json!({ "id": membership.id, "aspect": { "id": aspect.0, "name": name } }))
                .into_response())
        }
        Err(error) if visit.json => Err(error.into()),
        Ok(_) | Err(kernel::Error::Conflict(_)) => {
            let back =
                referring_path(&headers, &app.pod.site().url("")).unwrap_or_else(|| "/contacts".into());
            Ok(saying(&app, "flash-shared", see_other(&back)))
        }
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /aspect_memberships/{id}`
pub async fn leave(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Result<Response> {
    contact::remove_membership(&app.pod, owner, id).await?;
    if visit.json {
        return Ok(Json(serde_json::json!({ "id": id })).into_response());
    }
    let back = referring_path(&headers, &app.pod.site().url("")).unwrap_or_else(|| "/contacts".into());
    Ok(saying(&app, "flash-saved", see_other(&back)))
}
