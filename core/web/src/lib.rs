//! The pod on the web: pages, forms, federation endpoints. A handler extracts, calls one operation of the
//! kernel and answers; it decides no rights, knows no SQL and names no plugin.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod admin;
pub mod assets;
mod chrome;
mod cookie;
pub mod error;
mod federation;
mod fields;
mod files;
mod gate;
pub mod health;
mod json;
mod layers;
mod limit;
pub mod locale;
mod media;
mod page;
mod plugins;
pub mod route;
pub mod theme;
mod upload;
mod view;
mod visit;

use crate::{error::Error, limit::Limits, media::Media, theme::Theme, theme::contract::Page, visit::Visit};
use axum::{Router, http::StatusCode, middleware, response::Html};
use ipnet::IpNet;
use pappus_kernel::{Pod, account::setup, setting};
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

/// What the web needs besides the pod.
pub struct Parts {
    pub pod: Arc<Pod>,
    pub theme: Arc<Theme>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// Everything that a handler may reach.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub pod: Arc<Pod>,
    pub theme: Arc<Theme>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) limits: Limits,
    pub(crate) media: Media,
    pub(crate) wardrobe: plugins::Wardrobe,
    set_up: AtomicBool,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Reads the key that signs picture addresses; everything else waits for requests.
    pub async fn open(parts: Parts) -> pappus_kernel::Result<Self> {
        let media = Media::new(&setting::media_key(&parts.pod).await?);
        Ok(Self(Arc::new(Inner {
            limits: Limits::new(&parts.pod.clock),
            pod: parts.pod,
            theme: parts.theme,
            trusted_proxies: parts.trusted_proxies,
            media,
            wardrobe: plugins::Wardrobe::default(),
            set_up: AtomicBool::new(false),
        })))
    }

    /// The pod has an admin. Once it has one it always has one.
    pub(crate) async fn is_set_up(&self) -> Result<bool, Error> {
        if self.set_up.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let done = !setup::is_needed(&self.pod).await?;
        self.set_up.store(done, Ordering::Relaxed);
        Ok(done)
    }

    /// A page in the reader's theme, look and language.
    pub(crate) async fn render<P: Page>(&self, visit: &Visit, page: &P) -> Result<Html<String>, Error> {
        let mut chrome = chrome::of(self, visit).await?;
        // where a password, a right or a way back is at stake, nobody else has a place
        if !page.protected() {
            chrome.slots = plugins::fill(self, visit, &chrome, &page.posts()).await?;
        }
        let html = self.theme.render(&chrome, page).map_err(|error| Error::Render(error.to_string()))?;
        Ok(Html(html))
    }

    /// The same for a form that was refused: 422, with what was typed.
    pub(crate) async fn refuse<P: Page>(
        &self,
        visit: &Visit,
        page: &P,
    ) -> Result<axum::response::Response, Error> {
        use axum::response::IntoResponse;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, self.render(visit, page).await?).into_response())
    }
}

/// The whole pod as a router.
pub fn router(app: App) -> Router {
    let routes = route::build(&app).with_state(app.clone());
    // what may change a request's method has to stand before the routing
    Router::new()
        .fallback_service(routes)
        .layer(middleware::from_fn_with_state(app.clone(), layers::forms))
        .layer(middleware::from_fn(layers::patience))
        .layer(middleware::from_fn_with_state(app.clone(), layers::headers))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn_with_state(app, layers::observe))
}
