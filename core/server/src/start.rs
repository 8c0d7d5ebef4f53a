//! From a configuration to a running pod, and back.
use crate::{
    config::Config,
    control, data_dir, embedded,
    env::{SystemClock, SystemEntropy},
    examine::Finding,
    fetch::Outside,
    guard::Guard,
    listen,
    operation::{self, Room},
    schedule, secret, storage, telemetry,
};
use anyhow::Context as _;
use pappus_kernel::{
    Parts, Pod,
    account::setup,
    db, job,
    plugin::{self, NoPlugins, PluginHost},
    seal::Vault,
};
use pappus_plugin_host::Host;
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// After the requests and jobs have had their time.
const LEFTOVERS: Duration = Duration::from_secs(25);

/// A pod that nobody else uses.
pub struct Opened {
    /// The pod and what belongs to it.
    pub room: Arc<Room>,
    outside: Arc<Outside>,
    _locks: Vec<data_dir::Lock>,
}

/// Opens storage and everything that an operation needs.
pub async fn open(config: &Config, environment: &[(String, String)]) -> anyhow::Result<Opened> {
    // whoever installed one before (a test with two pods) installed the same
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    data_dir::make(&config.data)?;
    let locks = lock(config)?;
    let key = secret::load_or_make(&config.data, environment)?;
    let shown = crate::config::without_password(&config.database);
    let db = db::Db::open(&config.database).await.map_err(|error| {
        let fix = "See that it runs, that name and password are right, and that this user may reach it";
        config.mistake("database.url", format!("the database {shown} does not open: {error}"), fix)
    })?;
    db::migrate(&db).await.with_context(|| format!("cannot bring the database {shown} up to date"))?;
    let guard = Guard { allow_loopback: config.allow_loopback };
    let outside = Outside::new(guard, config.extra_ca_file.as_deref()).map_err(|error| {
        let fix = "Name a file with certificates in PEM that this user can read, or take the key out";
        config.mistake("federation.extra_ca_file", format!("{error:#}"), fix)
    })?;
    let outside = Arc::new(outside);
    let (plugin_host, engine) = plugin_host(config);
    let parts = Parts {
        db,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        fetch: Arc::<Outside>::clone(&outside),
        vault: Vault::new(&key)?,
        media: storage::open(config)?,
        plugin_host,
        base_url: config.base_url.clone(),
    };
    let pod = Pod::open(parts).await?;
    config.check_loopback(pod.site().base_url.as_ref())?;
    outside.introduce(pod.site().base_url.as_ref());
    plugin::load_enabled(&pod).await?;
    Ok(Opened { room: Arc::new(Room { pod, engine }), outside, _locks: locks })
}

/// Packages from the folders of the configuration and of the data directory, then those inside the binary.
/// Without an engine (a machine that lets nobody reserve memory) the pod runs without plugins.
fn plugin_host(config: &Config) -> (Arc<dyn PluginHost>, Finding) {
    let own = config.data.join("plugins");
    let wanted = pappus_plugin_host::Config {
        plugin_dirs: [own].into_iter().chain(config.plugins_dir.clone()).collect(),
        embedded: embedded::PLUGINS.iter().map(|(slug, bytes)| ((*slug).to_owned(), *bytes)).collect(),
        cache_dir: Some(config.data.join("cache").join("plugins")),
    };
    let name = "plugin engine";
    match Host::new(wanted) {
        Ok(host) if host.small_address_space() => {
            let text = "addresses are scarce here (a limit of the container?): plugins run slower";
            tracing::warn!("{text}");
            (Arc::new(host), Finding::warn(name, text))
        }
        Ok(host) => (Arc::new(host), Finding::ok(name, "it runs")),
        Err(error) => {
            let text = format!("it does not start, the pod runs without plugins: {error}");
            tracing::error!("plugin engine: {text}");
            (Arc::new(NoPlugins), Finding::fail(name, text))
        }
    }
}

impl Opened {
    /// Lets go of the database.
    pub async fn close(self) {
        self.room.pod.db.close().await;
    }
}

/// The data directory's lock, and one for a SQLite file that lies elsewhere.
fn lock(config: &Config) -> anyhow::Result<Vec<data_dir::Lock>> {
    let mut locks = vec![data_dir::lock(&config.data)?];
    let folder = config.database.strip_prefix("sqlite:").and_then(|path| Path::new(path).parent());
    if let Some(folder) = folder.filter(|folder| *folder != config.data) {
        locks.push(data_dir::lock(folder)?);
    }
    Ok(locks)
}

/// A pod that serves.
pub struct Running {
    /// The pod.
    pub pod: Arc<Pod>,
    /// Where it answers; the port is known even if the configuration left it open.
    pub address: Option<SocketAddr>,
    /// Where to finish the setup, as long as there is no admin.
    pub setup_link: Option<String>,
    opened: Opened,
    stop: CancellationToken,
}

/// Opens the pod and starts everything that its role asks for.
pub async fn start(config: &Config, environment: &[(String, String)]) -> anyhow::Result<Running> {
    let figures = config.metrics.map(|_| telemetry::record()).transpose()?;
    let opened = open(config, environment).await?;
    let pod = Arc::clone(&opened.room.pod);
    let stop = CancellationToken::new();
    // whoever hears the pod answer may give it commands: the door opens first
    let door = control::bind(&config.data)?;
    pod.tasks.spawn(control::serve(door, Arc::clone(&opened.room), config.data.clone(), stop.clone()));
    let mut address = None;
    if config.role.web {
        let listener = listen::bind("server.listen", config.listen).await?;
        address = Some(listener.local_addr()?);
        let router = crate::site::router(config, &pod).await?;
        pod.tasks.spawn(listen::serve(listener, router, stop.clone()));
    }
    if let (Some(at), Some(figures)) = (config.metrics, figures) {
        let listener = listen::bind("metrics.listen", at).await?;
        let router = crate::figures::router(&pod, figures);
        pod.tasks.spawn(listen::serve(listener, router, stop.clone()));
    }
    if config.role.worker {
        // the lock says that whoever had them is dead
        job::take_over(&pod).await.context("cannot take over the jobs of the last process")?;
        pod.tasks.spawn(job::work(Arc::clone(&pod), stop.clone().cancelled_owned()));
    }
    pod.tasks.spawn(schedule::keep(Arc::clone(&pod), Arc::clone(&opened.outside), stop.clone()));
    let setup_link = setup_link(&pod, address.filter(|_| config.role.web)).await?;
    Ok(Running { pod, address, setup_link, opened, stop })
}

impl Running {
    /// Stops accepting, lets requests and jobs finish, gives the rest back.
    pub async fn stop(self) {
        self.stop.cancel();
        self.pod.tasks.close();
        if tokio::time::timeout(LEFTOVERS, self.pod.tasks.wait()).await.is_err() {
            tracing::warn!("some work did not finish in time");
        }
        // a connection that hangs must not keep the process
        if tokio::time::timeout(Duration::from_secs(5), self.opened.close()).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

async fn setup_link(pod: &Pod, address: Option<SocketAddr>) -> anyhow::Result<Option<String>> {
    let Some(address) = address else { return Ok(None) };
    if !setup::is_needed(pod).await? {
        return Ok(None);
    }
    let answer = operation::setup_link(pod, &format!("http://{address}")).await?;
    Ok(answer.get("url").and_then(|url| url.as_str()).map(str::to_owned))
}
