//! `pappus plugin …`: switching and installing, and the tools of authors.
use super::{Context, field, rows, say};
use crate::operation::{Answer, Operation, Wrong};
use anyhow::Context as _;
use clap::Subcommand;
use pappus_kernel::plugin::Accept;
use pappus_plugin_build as build;
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    /// Switch a plugin on, with everything that its manifest asks for
    Enable {
        /// Its short name
        slug: String,
    },
    /// Switch a plugin off; what it stored stays
    Disable {
        /// Its short name
        slug: String,
    },
    /// Every plugin that is here
    List,
    /// Take a package: it waits to be switched on, or takes the place of the version that runs
    Install {
        /// A .zip or a .wasm
        file: PathBuf,
        /// Take it although this pod knows the plugin from somebody else: the key as it was shown, or `nobody`
        #[arg(long, value_name = "KEY")]
        accept_author: Option<String>,
    },
    /// Let the version that waits run, with everything that it asks for
    Update {
        /// Its short name
        slug: String,
    },
    /// Throw the version away that waits
    Discard {
        /// Its short name
        slug: String,
    },
    /// Go back to the version before
    RollBack {
        /// Its short name
        slug: String,
    },
    /// Remove a package that was installed; what it stored stays
    Uninstall {
        /// Its short name
        slug: String,
        /// Delete what it stored, too, and everything that was decided about it
        #[arg(long)]
        purge: bool,
    },
    /// For authors: make a folder with a plugin that works, to begin with
    New {
        /// Its short name, which is the folder's, too
        slug: String,
        /// Where the folder goes
        #[arg(long, default_value = ".")]
        parent: PathBuf,
    },
    /// For authors: make a component of a plugin's folder
    Build {
        /// The folder with plugin.toml
        folder: PathBuf,
        /// Where it goes
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// For authors: make the package of a plugin's folder
    Pack {
        /// The folder with plugin.toml
        folder: PathBuf,
        /// Where it goes
        #[arg(long, default_value = ".")]
        out: PathBuf,
        /// Sign it with this secret key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// For authors: make a key to sign packages with: FILE, and FILE.pub for everybody
    Keygen {
        /// The file of the secret key; it must not be there yet
        file: PathBuf,
    },
}

impl Plugin {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let (operation, done) = match self {
            Self::Enable { slug } => {
                (Operation::EnablePlugin { slug: slug.clone() }, format!("{slug} is on."))
            }
            Self::Disable { slug } => {
                (Operation::DisablePlugin { slug: slug.clone() }, format!("{slug} is off."))
            }
            Self::Install { file, accept_author: author } => {
                let file = std::path::absolute(&file)?;
                (Operation::InstallPlugin { file, accept: Accept { author } }, String::new())
            }
            Self::Update { slug } => {
                (Operation::UpdatePlugin { slug: slug.clone() }, format!("The new version of {slug} runs."))
            }
            Self::Discard { slug } => {
                (Operation::DiscardPlugin { slug: slug.clone() }, format!("{slug} stays as it is."))
            }
            Self::RollBack { slug } => (Operation::RollBackPlugin { slug }, String::new()),
            Self::Uninstall { slug, purge } => {
                let left = if purge { "nothing of it is left" } else { "what it stored is kept" };
                (Operation::UninstallPlugin { slug: slug.clone(), purge }, format!("{slug} is gone; {left}."))
            }
            Self::List => (Operation::ListPlugins, String::new()),
            tool => return tool.tool(),
        };
        let answer = context.run(operation).await?;
        context.print(&answer, |answer| if done.is_empty() { words(answer) } else { done });
        Ok(ExitCode::SUCCESS)
    }

    /// What needs no pod.
    pub(super) const fn is_tool(&self) -> bool {
        matches!(self, Self::New { .. } | Self::Build { .. } | Self::Pack { .. } | Self::Keygen { .. })
    }

    pub(super) fn tool(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::New { slug, parent } => {
                let folder = build::new_project(&parent, &slug)?;
                let folder = folder.display();
                say(&format!(
                    "{folder} is a plugin that works. `pappus plugin pack {folder}` makes its package."
                ));
            }
            Self::Build { folder, out } => {
                let built = make(&folder, &out)?;
                say(&format!("{} ({} KiB)", built.path.display(), built.bytes / 1024));
            }
            Self::Pack { folder, out, key } => say(&pack(&folder, &out, key.as_deref())?),
            Self::Keygen { file } => say(&keygen(&file)?),
            _ => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn make(folder: &Path, out: &Path) -> anyhow::Result<build::Built> {
    let folder = fs::canonicalize(folder)
        .map_err(|error| Wrong::usage(format!("{} is no folder: {error}", folder.display())))?;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    build::require_wasm_target(&folder)?;
    build::build(&folder, &std::path::absolute(out)?, true)
}

/// Builds, packs and signs; says where the package is.
fn pack(folder: &Path, out: &Path, key: Option<&Path>) -> anyhow::Result<String> {
    let secret = key.map(|file| {
        fs::read_to_string(file)
            .map_err(|error| Wrong::usage(format!("the key {} cannot be read: {error}", file.display())))
    });
    let secret = secret.transpose()?;
    // of its own, so that nothing of the author's is in its way
    let work = out.join(".build");
    let folder = &fs::canonicalize(folder)
        .map_err(|error| Wrong::usage(format!("{} is no folder: {error}", folder.display())))?;
    let built = make(folder, &work)?;
    let component = fs::read(&built.path)?;
    let reading = build::READING
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), fs::read(folder.join(name)).ok()?)));
    let package = build::pack(&component, &reading.collect::<Vec<_>>(), secret.as_deref())?;
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(folder.join("plugin.toml"))?)?;
    let version =
        manifest.get("plugin").and_then(|plugin| plugin.get("version")).and_then(toml::Value::as_str);
    let path = out.join(format!("{}-{}.plugin.zip", built.slug, version.unwrap_or("0.0.0")));
    fs::write(&path, &package).with_context(|| format!("cannot write {}", path.display()))?;
    let signed = if secret.is_some() { "signed" } else { "not signed" };
    Ok(format!("{} ({} KiB, {signed})", path.display(), package.len() / 1024))
}

fn keygen(file: &Path) -> anyhow::Result<String> {
    let key = build::new_key()?;
    let public = PathBuf::from(format!("{}.pub", file.display()));
    let write = |path: &Path, mode: u32, text: &str| -> anyhow::Result<()> {
        let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
        let mut out =
            opened.map_err(|error| Wrong::usage(format!("{} cannot be made: {error}", path.display())))?;
        Ok(out.write_all(text.as_bytes())?)
    };
    if public.exists() {
        return Err(Wrong::usage(format!("{} is there already", public.display())).into());
    }
    write(file, 0o600, &key.secret)?;
    write(&public, 0o644, &key.public)?;
    Ok(format!(
        "{} is the secret key: keep it to yourself. {} is for everybody.",
        file.display(),
        public.display()
    ))
}

fn words(answer: &Answer) -> String {
    if answer.is_array() { table(answer) } else { installed(answer) }
}

fn installed(answer: &Answer) -> String {
    let (slug, version) = (field(answer, "slug"), field(answer, "version"));
    let unsigned = if field(answer, "unsigned") == "true" { " Nobody signed it." } else { "" };
    let next = if field(answer, "runs") == "true" {
        "runs now.".to_owned()
    } else if field(answer, "waits") == "true" {
        format!("waits: it asks for more than it was given. `pappus plugin update {slug}` allows that.")
    } else {
        format!("is here. `pappus plugin enable {slug}` switches it on with everything it asks for.")
    };
    format!("{slug} {version} {next}{unsigned}")
}

fn table(answer: &Answer) -> String {
    let line = |row: &Answer| {
        let notes = [("waiting", "waits to be allowed more"), ("previous", "can be gone back to")];
        let noted = |(name, words): &(&str, &str)| {
            let other = row.get(*name).filter(|other| other.is_object())?;
            Some(format!("  [{} {words}]", field(other, "version")))
        };
        let mut note: String = notes.iter().filter_map(noted).collect();
        if field(row, "installed") == "true" && field(row, "signed_by").is_empty() {
            note.push_str("  [unsigned]");
        }
        if !field(row, "last_error").is_empty() {
            note = format!("{note}  ({})", field(row, "last_error"));
        }
        let (slug, state, version) = (field(row, "slug"), field(row, "state"), field(row, "version"));
        format!("{slug:<20} {state:<9} {version:<10} {}{note}", field(row, "name"))
    };
    let rows = rows(answer, "");
    if rows.is_empty() {
        return "No plugin is here: `pappus plugin install FILE` takes a package.".to_owned();
    }
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
