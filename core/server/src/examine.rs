//! How the pod is: what `pappus doctor` says of a running or an opened pod.
use crate::{config::Config, operation::Room};
use ipnet::IpNet;
use pappus_kernel::{
    Pod,
    env::FetchRequest,
    job,
    plugin::{self, PluginState},
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Worth a look.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub name: String,
    /// How it is.
    pub state: State,
    /// In words, with what to do.
    pub text: String,
}

impl Finding {
    /// As it should be.
    pub fn ok(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Ok, text: text.into() }
    }

    /// Worth a look.
    pub fn warn(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Warn, text: text.into() }
    }

    /// It does not work.
    pub fn fail(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Fail, text: text.into() }
    }
}

/// Looks at everything that needs an open pod.
pub async fn room(room: &Room) -> Vec<Finding> {
    let pod = &room.pod;
    let mut findings = vec![database(pod).await, media(pod).await, clock(pod), room.engine.clone()];
    findings.extend(jobs(pod).await);
    findings.extend(plugins(pod).await);
    findings.push(base_url(pod).await);
    findings
}

async fn database(pod: &Pod) -> Finding {
    let kind = pod.db.kind();
    let wrote = async { pod.db.begin_durable().await?.commit().await }.await;
    match wrote {
        Ok(()) => Finding::ok("database", format!("{kind} opens, is up to date and can be written")),
        Err(error) => Finding::fail("database", format!("{kind} cannot be written: {error}")),
    }
}

async fn media(pod: &Pod) -> Finding {
    match pod.media.check().await {
        Ok(()) => Finding::ok("media", "pictures can be written, read and deleted"),
        Err(error) => Finding::fail("media", format!("see the keys below [media]: {error}")),
    }
}

fn clock(pod: &Pod) -> Finding {
    const FIRST_OF_2026: u64 = 1_767_225_600;
    const FIRST_OF_2100: u64 = 4_102_444_800;
    if (FIRST_OF_2026..FIRST_OF_2100).contains(&pod.clock.now().seconds()) {
        return Finding::ok("clock", "the clock is plausible");
    }
    Finding::fail("clock", "the clock is far off: set it, or signatures and sessions fail")
}

async fn jobs(pod: &Pod) -> Vec<Finding> {
    let backlog = async { job::backlog(&mut pod.db.read().await?).await }.await;
    let rows = match backlog {
        Ok(rows) => rows,
        Err(error) => return vec![Finding::fail("jobs", format!("the queue cannot be read: {error}"))],
    };
    let count = |state: &str| rows.iter().filter(|row| row.state == state).map(|row| row.count).sum::<i64>();
    let (waiting, stuck) = (count("waiting") + count("running"), count("dead") + count("quarantined"));
    let text = format!("{waiting} to do, {stuck} given up");
    vec![if stuck == 0 {
        Finding::ok("jobs", text)
    } else {
        Finding::warn("jobs", text + ": see the log for the reasons")
    }]
}

async fn plugins(pod: &Pod) -> Vec<Finding> {
    let rows = match plugin::list(pod).await {
        Ok(rows) => rows,
        Err(error) => return vec![Finding::fail("plugins", format!("they cannot be listed: {error}"))],
    };
    if rows.is_empty() {
        return vec![Finding::ok("plugins", "none is installed")];
    }
    let one = |row: &plugin::PluginRow| {
        let name = format!("plugin {}", row.slug);
        let error = row.last_error.clone().unwrap_or_default();
        match row.state {
            PluginState::Enabled => Finding::ok(&name, "on"),
            PluginState::Disabled => Finding::ok(&name, "off"),
            PluginState::Removed => Finding::ok(&name, "removed; what it stored is here"),
            PluginState::Failing => Finding::warn(&name, format!("it keeps failing: {error}")),
            PluginState::Broken => Finding::fail(&name, format!("it cannot run: {error}")),
        }
    };
    rows.iter().map(one).collect()
}

/// Asks the pod's own public address, as another pod would.
async fn base_url(pod: &Pod) -> Finding {
    let name = "base URL";
    let site = pod.site();
    let Some(url) = &site.base_url else { return Finding::warn(name, "not set yet: finish the setup") };
    if site.is_development() {
        return Finding::warn(name, format!("{url} is for developing: other pods cannot reach it"));
    }
    let Ok(target) = url.join("/.well-known/nodeinfo") else {
        return Finding::fail(name, format!("{url} has no host"));
    };
    match pod.fetch.send(FetchRequest::get(target, "application/json", 64 * 1024)).await {
        Ok(answer) if answer.is_success() && String::from_utf8_lossy(&answer.body).contains("nodeinfo") => {
            Finding::ok(name, format!("{url} answers"))
        }
        Ok(answer) => Finding::fail(
            name,
            format!("{url} answers {}, and not as this pod would: check the proxy", answer.status),
        ),
        Err(error) => Finding::warn(name, format!("{url} cannot be reached from here: {error}")),
    }
}

/// Whether visitors can be told apart behind the proxy that this pod stands behind.
pub fn proxies(config: &Config) -> Finding {
    let name = "proxies";
    let is_near = |net: &IpNet| net.addr().is_loopback();
    if config.trusted_proxies.is_empty() {
        let text = "server.trusted_proxies is empty: behind a proxy all visitors look like one, and share one limit \
                    of sign-ins. Name the proxy's address";
        return Finding::warn(name, text);
    }
    if !config.listen.ip().is_loopback() && config.trusted_proxies.iter().all(is_near) {
        let text = format!(
            "the pod listens on {}, and believes only proxies on this machine: if the proxy is another one, name \
             its address in server.trusted_proxies, or all visitors look like one",
            config.listen
        );
        return Finding::warn(name, text);
    }
    Finding::ok(name, "visitors are told apart by X-Forwarded-For of server.trusted_proxies")
}

/// Who may open the directory.
pub fn data_dir(data: &Path) -> Finding {
    let name = "data directory";
    match crate::data_dir::check(data) {
        Ok(()) => Finding::ok(name, data.display().to_string()),
        Err(error) => Finding::fail(name, error.to_string()),
    }
}

/// How much room is left.
pub fn disk(data: &Path) -> Finding {
    let name = "disk";
    let Ok(stat) = rustix::fs::statvfs(data) else {
        return Finding::warn(name, "the free space cannot be read");
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let percent = stat.f_bavail.saturating_mul(100) / stat.f_blocks.max(1);
    let text = format!("{} MiB free, {percent} %", free / (1024 * 1024));
    if percent < 5 || free < 200 * 1024 * 1024 {
        return Finding::warn(name, text + ": make room");
    }
    Finding::ok(name, text)
}
