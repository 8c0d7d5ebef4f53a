//! `/admin/plugins`: what there is, what it asks for, and the switch.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{field_errors, saying, see_other},
    theme::contract::{
        Form,
        admin::{AdminPluginsPage, Fault, GrantView, OtherVersion, PluginState, PluginView, Risk},
    },
    upload,
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    Invalid,
    plugin::{
        self, Accept, Audience, Capability, Data, EnableError, Grants, Hook, LoadError, Manifest,
        OtherPackage, PluginRow, Reason, manifest::SettingScope, package::LARGEST,
    },
};

/// `GET /admin/plugins`
pub async fn show(State(app): State<App>, _: IsAdmin, visit: Visit) -> Result<Response> {
    let page = page(&app, None).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

/// With why one of them could not be switched on.
async fn page(app: &App, refused: Option<(&str, Reason)>) -> Result<AdminPluginsPage> {
    let view = |row: PluginRow| {
        let said = refused.as_ref().filter(|(slug, _)| *slug == row.slug).map(|(_, reason)| reason.clone());
        view(app, row, said)
    };
    let rows = plugin::list(&app.pod).await?;
    Ok(AdminPluginsPage {
        plugins: rows.into_iter().map(view).collect(),
        refused: None,
        form: Form::default(),
    })
}

fn view(app: &App, row: PluginRow, refused: Option<Reason>) -> PluginView {
    let state = match row.state {
        _ if refused.is_some() => PluginState::Failed,
        plugin::PluginState::Enabled => PluginState::Running,
        plugin::PluginState::Failing | plugin::PluginState::Broken => PluginState::Failed,
        plugin::PluginState::Disabled => PluginState::Disabled,
        plugin::PluginState::Removed => PluginState::Removed,
    };
    let running = app.pod.plugins.find(&row.slug);
    let granted = row.grants.as_ref();
    let manifest = row.manifest.as_ref();
    let asks_more =
        row.waiting_manifest.as_ref().map(|manifest| asked(manifest, granted)).unwrap_or_default();
    let budget = manifest.and_then(|manifest| manifest.hooks.values().map(|limits| limits.budget).max());
    PluginView {
        id: manifest.map(|manifest| manifest.id.clone()).unwrap_or_default(),
        authors: manifest.map(|manifest| manifest.authors.clone()).unwrap_or_default(),
        license: manifest.map(|manifest| manifest.license.clone()).unwrap_or_default(),
        grants: manifest.map(|manifest| asked(manifest, granted)).unwrap_or_default(),
        memory_mib: manifest.map_or(0, |manifest| manifest.memory_mib.into()),
        time_ms: budget.map_or(0, |budget| u64::try_from(budget.as_millis()).unwrap_or(u64::MAX)),
        failures: running.as_ref().map_or(0, |running| running.failures()),
        waiting: row.waiting.map(|waiting| other(waiting, asks_more)),
        slug: row.slug,
        name: row.name,
        version: row.version,
        summary: row.description,
        installed: row.installed,
        signed_by: row.signed_by,
        acts_for_members: manifest.is_some_and(|manifest| manifest.acts_for_members),
        has_settings: manifest.is_some_and(has_settings),
        previous: row.previous.map(|previous| other(previous, Vec::new())),
        package: row.package,
        state,
        last_error: refused.or(row.reason).map(said),
    }
}

fn has_settings(manifest: &Manifest) -> bool {
    manifest.settings.iter().any(|setting| setting.scope == SettingScope::Site)
}

fn other(package: OtherPackage, grants: Vec<GrantView>) -> OtherVersion {
    let OtherPackage { sha256, version, signed_by } = package;
    OtherVersion { version, package: sha256, signed_by, grants }
}

fn said(reason: Reason) -> Fault {
    Fault { key: reason.key, args: reason.args }
}

/// What a manifest asks for, what can hurt most first: hooks that see texts, and capabilities and links with the author's
/// reasons.
/// What was never decided is ticked, as everything is before the first time.
fn asked(manifest: &Manifest, granted: Option<&Grants>) -> Vec<GrantView> {
    let decided = |name: &str| granted.filter(|grants| grants.is_decided(name));
    let hooks = manifest.hooks.keys().filter(|hook| hook.sees_texts()).map(|hook| GrantView {
        name: hook.name().into(),
        key: hook.name().into(),
        risk: Risk::High,
        reason: String::new(),
        granted: decided(hook.name()).is_none_or(|grants| grants.hooks.contains_key(hook)),
        audience: match granted.and_then(|grants| grants.hooks.get(hook)) {
            Some(audience) => Some(audience.name()),
            None => Some(Audience::AllText.name()),
        },
    });
    let capabilities = manifest.capabilities.iter().map(|(capability, reason)| GrantView {
        name: capability.name().into(),
        key: capability.name().into(),
        risk: risk(*capability),
        reason: reason.clone(),
        granted: decided(capability.name()).is_none_or(|grants| grants.capabilities.contains(capability)),
        audience: None,
    });
    let links = manifest.links.iter().map(|(origin, reason)| GrantView {
        name: origin.clone(),
        key: "link".into(),
        risk: Risk::Middle,
        reason: reason.clone(),
        granted: decided(origin).is_none_or(|grants| grants.links.contains(origin)),
        audience: None,
    });
    let mut all: Vec<GrantView> = hooks.chain(capabilities).chain(links).collect();
    all.sort_by_key(|grant| std::cmp::Reverse(grant.risk));
    all
}

fn risk(capability: Capability) -> Risk {
    match capability {
        Capability::Log
        | Capability::Clock
        | Capability::Random
        | Capability::I18n
        | Capability::Settings => Risk::Low,
        Capability::Kv | Capability::Sql | Capability::Jobs | Capability::Notifications => Risk::Middle,
        Capability::Http | Capability::Posts | Capability::People | Capability::FederationOut => Risk::High,
    }
}

/// `POST /admin/plugins/{slug}/enable`: with these grants; without the review's mark and without any grant,
/// everything that is asked for.
pub async fn enable(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let (grants, seen) = (grants(&fields)?, fields.get("package"));
    let done = match (grants, seen) {
        (Some(grants), Some(seen)) => plugin::enable_seen(&app.pod, admin, &slug, seen, grants).await,
        (grants, _) => plugin::enable(&app.pod, admin, &slug, grants).await,
    };
    answer(&app, &visit, &slug, done).await
}

/// `POST /admin/plugins/{slug}/update`: the version that waits, with these grants.
pub async fn update(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let grants = grants(&fields)?;
    let done = plugin::update(&app.pod, admin, &slug, &fields.text("package"), grants).await;
    answer(&app, &visit, &slug, done).await
}

/// `POST /admin/plugins/{slug}/discard`: throws the version away that waits.
pub async fn discard(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let done = plugin::discard(&app.pod, admin, &slug, fields.get("package")).await;
    answer(&app, &visit, &slug, done).await
}

async fn answer(app: &App, visit: &Visit, slug: &str, done: Result<(), EnableError>) -> Result<Response> {
    let reason = match done {
        Ok(()) => return Ok(saying(app, "flash-saved", see_other("/admin/plugins"))),
        Err(EnableError::Refused(LoadError::NotFound(_))) => return Err(Error::NotFound),
        Err(EnableError::Refused(reason)) => Reason::from(&reason),
        Err(EnableError::Other(error)) => return Err(error.into()),
    };
    let page = page(app, Some((slug, reason))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, app.render(visit, &page).await?).into_response())
}

/// What a form grants: capabilities and hooks by name, each hook that sees texts with its audience.
fn grants(fields: &Fields) -> Result<Option<Grants>> {
    if fields.get("review").is_none() && fields.all("grants").is_empty() {
        return Ok(None);
    }
    let unknown = || Error::Malformed("a grant that does not exist");
    let mut grants = Grants::default();
    for name in fields.all("grants") {
        if let Some(capability) = Capability::named(&name) {
            grants.capabilities.insert(capability);
        } else if name.starts_with("https://") {
            grants.links.insert(name);
        } else {
            let hook = Hook::named(&name).filter(|hook| hook.sees_texts()).ok_or_else(unknown)?;
            let audience = match fields.get(&format!("audience[{name}]")) {
                Some(chosen) => Audience::named(chosen).ok_or_else(unknown)?,
                None => Audience::AllText,
            };
            grants.hooks.insert(hook, audience);
        }
    }
    Ok(Some(grants))
}

/// `POST /admin/plugins/{slug}/disable`
pub async fn disable(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    Path(slug): Path<String>,
) -> Result<Response> {
    plugin::disable(&app.pod, admin, &slug).await?;
    Ok(saying(&app, "flash-saved", see_other("/admin/plugins")))
}

/// `POST /admin/plugins/packages`: a package that the admin chose from their machine.
pub async fn install(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    request: Request,
) -> Result<Response> {
    let (fields, file) = match upload::one(&app, request, "package", LARGEST).await {
        Ok(sent) => sent,
        Err(Error::TooLong) => {
            let reason = LoadError::TooLarge("its package is larger than 20 MiB".to_owned());
            return not_taken(&app, &visit, Reason::from(&reason)).await;
        }
        Err(error) => return Err(error),
    };
    let Some(file) = file else {
        let form = field_errors(Invalid::new("package", "required").into(), Form::default(), &[])?;
        let page = AdminPluginsPage { form, ..page(&app, None).await? };
        return app.refuse(&visit, &page).await;
    };
    let accept = Accept { author: fields.get("author").map(str::to_owned) };
    match plugin::install(&app.pod, admin, file, accept).await {
        Ok(installed) => {
            let said = if installed.runs { "flash-plugin-runs" } else { "flash-plugin-here" };
            Ok(saying(&app, said, see_other(&format!("/admin/plugins#plugin-{}", installed.slug))))
        }
        Err(EnableError::Refused(reason)) => not_taken(&app, &visit, Reason::from(&reason)).await,
        Err(EnableError::Other(error)) => Err(error.into()),
    }
}

async fn not_taken(app: &App, visit: &Visit, reason: Reason) -> Result<Response> {
    let page = AdminPluginsPage { refused: Some(said(reason)), ..page(app, None).await? };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, app.render(visit, &page).await?).into_response())
}

/// `POST /admin/plugins/{slug}/roll_back`: the version before, `package`.
pub async fn roll_back(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    match plugin::roll_back(&app.pod, admin, &slug, fields.get("package")).await {
        Ok(back) if back.waits => Ok(saying(&app, "flash-plugin-waits", see_other("/admin/plugins"))),
        done => answer(&app, &visit, &slug, done.map(drop)).await,
    }
}

/// `POST /admin/plugins/{slug}/uninstall`: `purge` deletes what it stored, too.
pub async fn uninstall(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    Path(slug): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let data = if fields.get("purge").is_some() { Data::Purge } else { Data::Keep };
    plugin::uninstall(&app.pod, admin, &slug, data).await?;
    Ok(saying(&app, "flash-plugin-gone", see_other("/admin/plugins")))
}
