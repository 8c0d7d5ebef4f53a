//! The pod's pages: its theme, found by name, and the router.
use crate::config::Config;
use anyhow::Context as _;
use axum::Router;
use pappus_kernel::Pod;
use pappus_web::{
    App, Parts,
    theme::{
        Theme,
        package::{Package, Refused},
    },
};
use std::{path::PathBuf, sync::Arc};

/// The whole pod as a router.
pub async fn router(config: &Config, pod: &Arc<Pod>) -> anyhow::Result<Router> {
    let parts = Parts {
        pod: Arc::clone(pod),
        theme: Arc::new(theme(config)),
        trusted_proxies: config.trusted_proxies.clone(),
    };
    let app = App::open(parts).await.context("cannot open the pod's pages")?;
    Ok(pappus_web::router(app))
}

/// The theme that is asked for; a pod whose theme is broken looks plain and works.
fn theme(config: &Config) -> Theme {
    let name = config.theme.as_str();
    find(config, name).unwrap_or_else(|refused| {
        let fix = "The pod wears its own plain look until it is put right";
        let mistake = config.mistake("themes.active", refused.to_string(), fix);
        tracing::error!(theme.name = name, "{mistake}");
        Theme::core()
    })
}

fn find(config: &Config, name: &str) -> Result<Theme, Refused> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Refused::new(name, "a name has only a-z, 0-9 and -"));
    }
    let folders = config.themes_dir.iter().cloned().chain([config.data.join("themes")]);
    match folders.map(|folder: PathBuf| folder.join(name)).find(|folder| folder.is_dir()) {
        Some(folder) => {
            let theme = Theme::core();
            theme.switch(&Package::read(&folder)?)?;
            Ok(theme)
        }
        None => Theme::bundled(name),
    }
}
