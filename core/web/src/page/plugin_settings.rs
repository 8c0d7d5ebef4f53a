//! `/settings/plugins`: what a member chooses for each plugin, and which of them may act for the member; and
//! `/admin/plugins/{slug}/settings`: what the podmin chooses for the pod.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{saying, see_other},
    plugins::settings::{self, Refused},
    theme::contract::plugin_settings::{AdminPluginSettingsPage, SettingsPluginsPage},
    visit::{IsAdmin, SignedIn, Visit},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::{Admin, Owner},
    plugin::{
        Enabled, member,
        settings::form::{self, Chooser, Field},
    },
};
use std::sync::Arc;

/// `GET /settings/plugins`
pub async fn mine(State(app): State<App>, SignedIn(owner): SignedIn, visit: Visit) -> Result<Response> {
    let page = my_page(&app, &visit, owner, None).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn my_page(
    app: &App,
    visit: &Visit,
    owner: Owner,
    refused: Option<&Refused<'_>>,
) -> Result<SettingsPluginsPage> {
    let all = app.pod.plugins.enabled();
    let fields = form::fields(&app.pod, &all, Chooser::Member(owner)).await?;
    let acting = member::of(&app.pod, owner).await?;
    let one = |(enabled, fields): (&Arc<Enabled>, Vec<Field>)| {
        let asks_leave = enabled.plugin.manifest().acts_for_members;
        let mut shown = settings::shown(app, visit, enabled, &fields, refused);
        shown.acts = asks_leave.then(|| acting.iter().any(|slug| slug == enabled.slug()));
        (asks_leave || !shown.fields.is_empty()).then_some(shown)
    };
    let plugins = all.iter().zip(fields).filter_map(one).collect();
    Ok(SettingsPluginsPage { plugins, form: settings::form(refused) })
}

/// `POST /settings/plugins/{slug}`
pub async fn change_mine(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let sent = settings::sent(&fields);
    match form::change(&app.pod, &slug, Chooser::Member(owner), sent.clone()).await? {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other("/settings/plugins"))),
        Err(wrong) => {
            let refused = Refused { slug: &slug, sent: &sent, wrong: &wrong };
            let page = my_page(&app, &visit, owner, Some(&refused)).await?;
            app.refuse(&visit, &page).await
        }
    }
}

/// `POST /settings/plugins/{slug}/switch`
pub async fn switch(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    member::let_act(&app.pod, owner, &slug, fields.ticked("on")).await?;
    Ok(saying(&app, "flash-saved", see_other("/settings/plugins")))
}

/// `GET /admin/plugins/{slug}/settings`
pub async fn of_the_pod(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response> {
    let page = pods_page(&app, &visit, (admin, &slug), None).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn pods_page(
    app: &App,
    visit: &Visit,
    (admin, slug): (Admin, &str),
    refused: Option<&Refused<'_>>,
) -> Result<AdminPluginSettingsPage> {
    let enabled = app.pod.plugins.find(slug).ok_or(Error::NotFound)?;
    let one = std::slice::from_ref(&enabled);
    let fields = form::fields(&app.pod, one, Chooser::Admin(admin)).await?.pop().unwrap_or_default();
    let plugin = settings::shown(app, visit, &enabled, &fields, refused);
    Ok(AdminPluginSettingsPage { plugin, form: settings::form(refused) })
}

/// `POST /admin/plugins/{slug}/settings`
pub async fn change_of_the_pod(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let sent = settings::sent(&fields);
    match form::change(&app.pod, &slug, Chooser::Admin(admin), sent.clone()).await? {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other(&format!("/admin/plugins/{slug}/settings")))),
        Err(wrong) => {
            let refused = Refused { slug: &slug, sent: &sent, wrong: &wrong };
            let page = pods_page(&app, &visit, (admin, &slug), Some(&refused)).await?;
            app.refuse(&visit, &page).await
        }
    }
}
