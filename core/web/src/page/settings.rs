//! A member's own settings: look and language, and the profile that others see.
use crate::{
    App, chrome, cookie,
    error::{Error, Result},
    fields::Fields,
    locale::Lang,
    page::{field_errors, saying, see_other},
    theme::contract::{
        Form,
        settings::{LanguageView, SettingsAccountPage, SettingsProfilePage},
    },
    view,
    visit::{SignedIn, Visit},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Owner,
    account::{
        close,
        preferences::{self, Preferences},
    },
    person::{
        self,
        profile::{self, ProfileForm},
    },
};

/// `GET /user/edit`
pub async fn account(State(app): State<App>, _: SignedIn, visit: Visit) -> Result<Response> {
    let page = account_page(&app, &visit, Form::default(), Form::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn account_page(app: &App, visit: &Visit, form: Form, close_form: Form) -> Result<SettingsAccountPage> {
    let me = visit.me().ok_or(Error::SignInFirst)?;
    let owner = visit.owner().ok_or(Error::SignInFirst)?;
    let languages =
        Lang::ALL.iter().map(|lang| LanguageView { id: lang.id().into(), name: lang.name().into() });
    Ok(SettingsAccountPage {
        email: pappus_kernel::account::preferences::email(&app.pod, owner).await?,
        form,
        close_form,
        default_public: me.default_public,
        mode: chrome::mode(&me.color_mode),
        language: me.language.clone(),
        languages: languages.collect(),
        timezone: me.timezone.clone(),
        timezones: preferences::zones(),
    })
}

/// `PUT /user`
pub async fn change_account(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let me = visit.me().ok_or(Error::SignInFirst)?;
    let chosen = |name: &str, now: &str| fields.get(name).unwrap_or(now).to_owned();
    let to = Preferences {
        language: chosen("user[language]", &me.language),
        color_mode: chosen("user[color_mode]", &me.color_mode),
        default_public: fields.get("user[default_public]").map_or(me.default_public, |said| said == "true"),
        timezone: chosen("user[timezone]", &me.timezone),
    };
    let known = Lang::ALL.iter().any(|lang| lang.id() == to.language);
    let changed = if known {
        preferences::change(&app.pod, owner, to).await
    } else {
        Err(pappus_kernel::Invalid::new("language", "unknown-choice").into())
    };
    match changed {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other("/user/edit"))),
        Err(error) => {
            let form =
                field_errors(error, fields.kept("user", &["language", "color_mode", "timezone"]), &[])?;
            let page = account_page(&app, &visit, form, Form::default()).await?;
            app.refuse(&visit, &page).await
        }
    }
}

/// `DELETE /user`: the end of the account, once the password was given.
pub async fn close_account(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    match close::close(&app.pod, owner, &fields.text("user[current_password]")).await {
        Ok(()) => {
            let mut response = saying(&app, "flash-closed", see_other("/users/sign_in"));
            response.headers_mut().append(header::SET_COOKIE, cookie::no_session(&app.pod.site()));
            Ok(response)
        }
        Err(error) => {
            let form = field_errors(error, Form::default(), &[])?;
            let page = account_page(&app, &visit, Form::default(), form).await?;
            app.refuse(&visit, &page).await
        }
    }
}

const PROFILE: &[&str] = &[
    "first_name",
    "last_name",
    "bio",
    "location",
    "gender",
    "birthday",
    "tag_string",
    "searchable",
    "nsfw",
    "public_details",
];

/// `GET /profile/edit`
pub async fn profile(State(app): State<App>, SignedIn(owner): SignedIn, visit: Visit) -> Result<Response> {
    let page = profile_page(&app, &visit, owner).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

/// The profile as it is, in its form.
pub async fn profile_page(app: &App, visit: &Visit, owner: Owner) -> Result<SettingsProfilePage> {
    let me = visit.me().ok_or(Error::SignInFirst)?;
    let now = person::show(&app.pod, owner.into(), &me.guid).await?;
    let seen = view::person(app, &now.person);
    let tags: Vec<String> = now.tags.iter().map(|tag| format!("#{tag}")).collect();
    let mut form = Form::default()
        .value("first_name", now.first_name)
        .value("last_name", now.last_name)
        .value("bio", now.bio)
        .value("location", now.location)
        .value("gender", now.gender)
        .value("birthday", now.birthday.unwrap_or_default())
        .value("tag_string", tags.join(" "));
    for (name, on) in
        [("searchable", now.searchable), ("nsfw", now.nsfw), ("public_details", now.public_details)]
    {
        if on {
            form = form.value(name, "true");
        }
    }
    Ok(SettingsProfilePage { form, seen_as: seen, portrait_form: Form::default() })
}

/// `PUT /profile`
pub async fn change_profile(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let text = |name: &str| fields.text(&format!("profile[{name}]"));
    let on = |name: &str| fields.ticked(&format!("profile[{name}]"));
    let form = ProfileForm {
        first_name: text("first_name"),
        last_name: text("last_name"),
        bio: text("bio"),
        gender: text("gender"),
        location: text("location"),
        birthday: text("birthday"),
        tag_string: text("tag_string"),
        searchable: on("searchable"),
        nsfw: on("nsfw"),
        public_details: on("public_details"),
    };
    match profile::change(&app.pod, owner, form).await {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other("/profile/edit"))),
        Err(error) => {
            let form = field_errors(error, fields.kept("profile", PROFILE), &[])?;
            let page = SettingsProfilePage { form, ..profile_page(&app, &visit, owner).await? };
            app.refuse(&visit, &page).await
        }
    }
}
