//! The configuration: defaults < file < environment < command line. Every mistake names the file or the
//! variable, the key and what to do.
pub mod key;
mod layer;
mod media;

pub use layer::{Layer, Origin, variable};
pub use media::{Bucket, Media};

use figment::{Figment, value::Value};
use ipnet::IpNet;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use url::Url;

/// Something that a configuration says wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{problem}. {}", .key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default(), sentence(.fix))]
pub struct Mistake {
    /// The file (with its line where it is known), variable or option.
    pub place: String,
    /// The key, where it is one key's mistake.
    pub key: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub fix: String,
}

fn sentence(words: &str) -> String {
    if words.ends_with('?') { words.to_owned() } else { format!("{words}.") }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// What this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// Answers requests.
    pub web: bool,
    /// Runs jobs.
    pub worker: bool,
}

/// The configuration, valid as far as one can tell without starting.
#[derive(Clone)]
pub struct Config {
    /// Where everything of the pod lies.
    pub data: PathBuf,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// The address that answers HTTP.
    pub listen: SocketAddr,
    /// Where the pod is; none leaves it to the setup form.
    pub base_url: Option<Url>,
    /// Whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `sqlite:PATH` with an absolute path, or `postgres://…`. Holds a password: never log it.
    pub database: String,
    /// Where members' pictures lie.
    pub media: Media,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_level: String,
    /// The metrics listener.
    pub metrics: Option<SocketAddr>,
    /// One more folder of plugins.
    pub plugins_dir: Option<PathBuf>,
    /// The theme.
    pub theme: String,
    /// One more folder of themes.
    pub themes_dir: Option<PathBuf>,
    /// Certificates of a private authority.
    pub extra_ca_file: Option<PathBuf>,
    /// Loopback addresses may be reached.
    pub allow_loopback: bool,
    /// What this process does.
    pub role: Role,
    /// Every value with where it comes from.
    figment: Figment,
}

/// What the command line and the environment say before any file is read.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--config`.
    pub file: Option<PathBuf>,
    /// Options that are keys.
    pub flags: Vec<(&'static str, String)>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

impl Given {
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// `--data`, `$PAPPUS_DATA`, `$STATE_DIRECTORY` (systemd), `./pappus-data`; absolute.
    pub fn data(&self) -> PathBuf {
        let data = self.data.clone().unwrap_or_else(|| {
            let named = self.variable("PAPPUS_DATA").or_else(|| self.variable("STATE_DIRECTORY"));
            // systemd may name several: the first is ours
            PathBuf::from(named.map_or("pappus-data", |all| all.split(':').next().unwrap_or(all)))
        });
        std::path::absolute(&data).unwrap_or(data)
    }
}

impl Config {
    /// Reads every layer.
    pub fn load(given: &Given) -> Result<Self, Mistake> {
        let data = given.data();
        let (file, layer) = read_file(given, &data)?;
        let mut figment = Figment::from(Layer::defaults());
        if let Some(layer) = layer {
            figment = figment.merge(layer);
        }
        let environment = Layer::environment(given.environment.iter().cloned())?;
        let figment = figment.merge(environment).merge(Layer::flags(&given.flags)?);
        let read = Read { figment: &figment, data: &data };
        Ok(Self {
            listen: read.address("server.listen")?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 4000))),
            base_url: read.base_url()?,
            trusted_proxies: read.networks()?,
            database: read.database()?,
            media: read.media()?,
            log_format: read.choice("log.format", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            log_level: read.level()?,
            metrics: read.address("metrics.listen")?,
            plugins_dir: read.folder("plugins.dir")?,
            theme: read.text("themes.active").unwrap_or_default(),
            themes_dir: read.folder("themes.dir")?,
            extra_ca_file: read.path("federation.extra_ca_file"),
            allow_loopback: read.allow_loopback(),
            role: read.role()?,
            data,
            file,
            figment,
        })
    }

    /// Every key with its value as TOML (passwords left out) and where it comes from.
    pub fn values(&self) -> Vec<(&'static str, Option<String>, String)> {
        let read = Read { figment: &self.figment, data: &self.data };
        let show = |name: &str| match self.figment.find_value(name).ok()? {
            Value::Bool(_, on) => Some(on.to_string()),
            Value::Array(_, list) => Some(
                toml::Value::from(list.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>()).to_string(),
            ),
            Value::String(..) if name == "media.s3_secret_key" => Some("\"…\"".into()),
            Value::String(_, text) if name == "database.url" => {
                Some(toml::Value::from(without_password(&text)).to_string())
            }
            value => value.into_string().map(|text| toml::Value::from(text).to_string()),
        };
        key::KEYS.iter().map(|key| (key.name, show(key.name), read.place(key.name))).collect()
    }

    /// A mistake that shows only when the pod starts, named like the others.
    pub fn mistake(&self, key: &str, problem: impl Into<String>, fix: impl Into<String>) -> Mistake {
        Read { figment: &self.figment, data: &self.data }.wrong(key, problem, fix)
    }

    /// A base URL, of the configuration or of the database, with which the loopback switch may be on.
    pub fn may_reach_loopback(base_url: &Url) -> bool {
        let site = pappus_kernel::setting::Site { base_url: Some(base_url.clone()), ..Default::default() };
        site.is_development()
            || base_url
                .domain()
                .and_then(|host| host.rsplit_once('.'))
                .is_some_and(|(_, last)| last == "test")
    }

    /// The mistake of switching loopback on for a pod that others can reach, if it is made.
    pub fn check_loopback(&self, base_url: Option<&Url>) -> Result<(), Mistake> {
        if !self.allow_loopback || base_url.is_some_and(Self::may_reach_loopback) {
            return Ok(());
        }
        let problem = base_url.map_or_else(
            || "the pod has no base URL yet, and only a test pod may reach loopback addresses".to_owned(),
            |url| format!("{url} is a pod for others, which must not reach loopback addresses"),
        );
        Err(self.mistake(
            "federation.allow_loopback",
            problem,
            "Take it out, or set server.base_url to a host that ends in .test",
        ))
    }
}

fn read_file(given: &Given, data: &Path) -> Result<(Option<PathBuf>, Option<Layer>), Mistake> {
    let named = given.file.clone().or_else(|| given.variable("PAPPUS_CONFIG").map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| data.join("config.toml"));
    let path = std::path::absolute(&path).unwrap_or(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let layer = Layer::file(path.clone(), &text)?;
            Ok((Some(path), Some(layer)))
        }
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok((None, None)),
        Err(error) => Err(Mistake {
            place: path.display().to_string(),
            key: None,
            problem: format!("the configuration cannot be read: {error}"),
            fix: match error.kind() {
                std::io::ErrorKind::InvalidData => "Save it as UTF-8".into(),
                _ => "Let this user read it, or name another file with --config".into(),
            },
        }),
    }
}

struct Read<'a> {
    figment: &'a Figment,
    data: &'a Path,
}

impl Read<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.figment.find_value(name).ok()?.into_string().filter(|text| !text.is_empty())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let value = self.figment.find_value(name).ok();
        let list = value.and_then(Value::into_array).unwrap_or_default();
        list.into_iter().filter_map(Value::into_string).collect()
    }

    fn place(&self, name: &str) -> String {
        let parts: Vec<&str> = name.split('.').collect();
        self.figment
            .find_metadata(name)
            .map_or_else(|| "not set".to_owned(), |from| from.interpolate(&figment::Profile::Default, &parts))
    }

    fn is_from_file(&self, name: &str) -> bool {
        self.figment.find_metadata(name).is_none_or(|from| {
            matches!(from.source, Some(figment::Source::File(_))) || from.name == "default"
        })
    }

    fn wrong(&self, name: &str, problem: impl Into<String>, fix: impl Into<String>) -> Mistake {
        Mistake {
            place: self.place(name),
            key: Some(name.to_owned()),
            problem: problem.into(),
            fix: fix.into(),
        }
    }

    fn address(&self, name: &str) -> Result<Option<SocketAddr>, Mistake> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let problem = || format!("`{text}` is not an address with a port");
        text.parse()
            .map(Some)
            .map_err(|_| self.wrong(name, problem(), "Write it like 127.0.0.1:4000 or [::1]:4000"))
    }

    fn base_url(&self) -> Result<Option<Url>, Mistake> {
        let Some(text) = self.text("server.base_url") else { return Ok(None) };
        pappus_kernel::setting::valid_base_url(&text).map(Some).map_err(|invalid| {
            let why = match invalid.rule {
                "needs-https" => "needs https: only a pod on a loopback address goes without",
                "not-a-url" => "is not a URL",
                _ => "is more, or less, than a scheme and a host",
            };
            self.wrong("server.base_url", format!("`{text}` {why}"), "Write it like https://pod.example")
        })
    }

    fn networks(&self) -> Result<Vec<IpNet>, Mistake> {
        let name = "server.trusted_proxies";
        let parse = |text: &String| {
            let one = text.parse::<std::net::IpAddr>().map(IpNet::from);
            let problem = || format!("`{text}` is not a network");
            text.parse()
                .or(one)
                .map_err(|_| self.wrong(name, problem(), "Write it like 127.0.0.1/32 or ::1/128"))
        };
        self.list(name).iter().map(parse).collect()
    }

    fn database(&self) -> Result<String, Mistake> {
        let name = "database.url";
        let text = self.text(name).unwrap_or_default();
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains('?') || path.starts_with(':') {
                return Err(self.wrong(
                    name,
                    "sqlite: must be followed by a file",
                    "Write it like sqlite:pappus.db",
                ));
            }
            return Ok(format!("sqlite:{}", self.anchor(name, Path::new(path)).display()));
        }
        let is_postgres =
            Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"));
        // the text itself may hold a password
        let fix = "Write it like sqlite:pappus.db or postgres://user:password@localhost/pappus";
        if is_postgres { Ok(text) } else { Err(self.wrong(name, "this names no database", fix)) }
    }

    fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, Mistake> {
        let text = self.text(name).unwrap_or_default();
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let found = choices.iter().find(|(choice, _)| *choice == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            self.wrong(
                name,
                format!("`{text}` is none of the choices"),
                format!("Write {}", names.join(" or ")),
            )
        })
    }

    fn level(&self) -> Result<String, Mistake> {
        let name = "log.level";
        let text = self.text(name).unwrap_or_default();
        let parsed = tracing_subscriber::EnvFilter::builder().parse(&text);
        let bare_word_is_a_level = !text.split(',').any(|part| {
            !part.contains('=') && part.trim().parse::<tracing_subscriber::filter::LevelFilter>().is_err()
        });
        if parsed.is_ok() && bare_word_is_a_level {
            return Ok(text);
        }
        Err(self.wrong(name, format!("`{text}` is not a level"), "Write error, warn, info, debug or trace"))
    }

    /// Relative paths of the file start at the data directory, others where the command was given.
    fn anchor(&self, name: &str, path: &Path) -> PathBuf {
        if self.is_from_file(name) {
            return self.data.join(path);
        }
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.anchor(name, Path::new(&self.text(name)?)))
    }

    /// A folder that must be there, since somebody went to the trouble of naming it.
    fn folder(&self, name: &str) -> Result<Option<PathBuf>, Mistake> {
        let Some(path) = self.path(name) else { return Ok(None) };
        if path.is_dir() {
            return Ok(Some(path));
        }
        Err(self.wrong(
            name,
            format!("there is no folder {}", path.display()),
            "Make it, or take the key out",
        ))
    }

    fn allow_loopback(&self) -> bool {
        let on = self.figment.find_value("federation.allow_loopback").ok().and_then(|value| value.to_bool());
        on.unwrap_or(false)
    }

    fn role(&self) -> Result<Role, Mistake> {
        let list = self.list("role");
        if let Some(other) = list.iter().find(|one| !matches!(one.as_str(), "web" | "worker")) {
            return Err(self.wrong("role", format!("`{other}` is no role"), "Write web, worker or both"));
        }
        let role =
            Role { web: list.iter().any(|one| one == "web"), worker: list.iter().any(|one| one == "worker") };
        if role.web || role.worker {
            return Ok(role);
        }
        Err(self.wrong("role", "a process without a role does nothing", "Write web, worker or both"))
    }
}

/// An address of a database that may be shown.
pub fn without_password(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            url.set_password(Some("***")).map_or_else(|()| "***".to_owned(), |()| url.to_string())
        }
        _ => text.to_owned(),
    }
}
