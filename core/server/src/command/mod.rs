//! The command line.
mod block;
mod config;
mod doctor;
mod fed;
mod health;
mod jobs;
mod person;
mod plugin;
mod pods;
mod serve;
mod setup;
mod user;

use crate::{
    config::{Config, Given, Mistake},
    control,
    data_dir::Taken,
    operation::{Answer, Operation, Wrong},
    start, telemetry,
};
use clap::{Args, Parser, Subcommand};
use pappus_kernel::job;
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// A diaspora*-compatible social pod.
#[derive(Debug, Parser)]
#[command(name = "pappus", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Args)]
struct Options {
    /// The data directory [default: $PAPPUS_DATA, $STATE_DIRECTORY, ./pappus-data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The configuration file [default: config.toml in the data directory]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address and port to answer at
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where members and other pods reach this pod
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// What this process does: web, worker or both, separated by a comma
    #[arg(long, global = true, value_name = "ROLE")]
    role: Option<String>,
    /// text or json
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
    /// error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the pod (what happens without a command, too)
    Serve,
    /// Finish the setup from here, or print the link that does it in the browser
    Setup(setup::Setup),
    /// Accounts
    #[command(subcommand)]
    User(user::User),
    /// People of other pods
    #[command(subcommand)]
    Person(person::Person),
    /// Plugins
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Pods and people that are kept away
    #[command(subcommand)]
    Blocks(block::Blocks),
    /// Other pods
    #[command(subcommand)]
    Pods(pods::Pods),
    /// Federation, step by step
    #[command(subcommand)]
    Fed(fed::Fed),
    /// Work in the background
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Look whether everything is as it should be
    Doctor,
    /// The configuration
    #[command(subcommand)]
    Config(config::Sub),
    /// Ask the running server whether it is ready: exit code 3 if it is not
    Health,
}

impl Options {
    fn given(&self) -> Given {
        let flags = [
            ("server.listen", &self.listen),
            ("server.base_url", &self.base_url),
            ("role", &self.role),
            ("log.format", &self.log_format),
            ("log.level", &self.log_level),
        ];
        Given {
            data: self.data.clone(),
            file: self.config.clone(),
            flags: flags.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect(),
            // a variable that is not text cannot be one of ours
            environment: std::env::vars_os()
                .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        }
    }
}

/// What a command works with.
struct Context {
    given: Given,
    config: Config,
    json: bool,
}

impl Context {
    /// Has the running server do it, or does it here.
    async fn run(&self, operation: Operation) -> anyhow::Result<Answer> {
        if let Some(answer) = control::ask(&self.config.data, &operation).await? {
            return Ok(answer?);
        }
        let opened = start::open(&self.config, &self.given.environment).await?;
        let answer = operation.run(&opened.room).await;
        opened.close().await;
        Ok(answer?)
    }

    /// Has the running server do it, or opens the pod for it and what comes after.
    async fn begin(&self, operation: Operation) -> anyhow::Result<(Answer, Course)> {
        if let Some(answer) = control::ask(&self.config.data, &operation).await? {
            return Ok((answer?, Course::Server));
        }
        let opened = start::open(&self.config, &self.given.environment).await?;
        match operation.run(&opened.room).await {
            Ok(answer) => Ok((answer, Course::Here(Box::new(opened)))),
            Err(wrong) => {
                opened.close().await;
                Err(wrong.into())
            }
        }
    }

    /// Prints the answer as JSON where asked to, else the words.
    fn print(&self, answer: &Answer, words: impl FnOnce(&Answer) -> String) {
        if self.json {
            say(&answer.to_string());
        } else {
            say(&words(answer));
        }
    }
}

/// Where something that takes a while is done.
enum Course {
    Server,
    Here(Box<start::Opened>),
}

impl Course {
    /// Asks how it is now. Without a server, what is due is done first.
    async fn look(&self, context: &Context, operation: Operation) -> anyhow::Result<Answer> {
        match self {
            Self::Server => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                context.run(operation).await
            }
            Self::Here(opened) => {
                job::run_due(&opened.room.pod).await?;
                Ok(operation.run(&opened.room).await?)
            }
        }
    }

    const fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }

    async fn end(self) {
        if let Self::Here(opened) = self {
            opened.close().await;
        }
    }
}

/// A line on stdout; a reader that went away is no reason to fail.
fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    // the database, its journal and compiled plugins are for nobody else
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let json = cli.options.json;
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            let exit = exit_code(&error);
            if json {
                say(&serde_json::json!({ "error": words(&error) }).to_string());
            }
            eprintln!("pappus: {}", words(&error));
            ExitCode::from(exit)
        }
    }
}

fn run(mut cli: Cli) -> anyhow::Result<ExitCode> {
    let given = cli.options.given();
    if let Some(Command::Config(sub)) = &cli.command {
        return config::run(sub, &given, cli.options.json);
    }
    if let Some(Command::Plugin(tool)) = cli.command.take_if(|command| command.is_tool()) {
        return tool.tool();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("pappus").build()?;
    let code = runtime.block_on(async {
        let command = cli.command.unwrap_or(Command::Serve);
        if matches!(command, Command::Doctor) {
            telemetry::log_errors();
            return doctor::run(&given, cli.options.json).await;
        }
        let config = Config::load(&given)?;
        let context = Context { given, config, json: cli.options.json };
        match command {
            Command::Serve => Box::pin(serve::run(&context)).await,
            other => {
                telemetry::log_errors();
                Box::pin(other.run(&context)).await
            }
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    code
}

impl Command {
    /// What an author does without a pod.
    const fn is_tool(&self) -> bool {
        matches!(self, Self::Plugin(plugin) if plugin.is_tool())
    }

    async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Setup(setup) => setup.run(context).await,
            Self::User(user) => user.run(context).await,
            Self::Person(person) => person.run(context).await,
            Self::Plugin(plugin) => plugin.run(context).await,
            Self::Blocks(blocks) => blocks.run(context).await,
            Self::Pods(pods) => pods.run(context).await,
            Self::Fed(fed) => fed.run(context).await,
            Self::Jobs(jobs) => jobs.run(context).await,
            Self::Health => health::run(context).await,
            // taken before a configuration is needed
            Self::Serve | Self::Doctor | Self::Config(_) => Ok(ExitCode::SUCCESS),
        }
    }
}

/// 2 where the command or the configuration is wrong, 3 where the pod is not ready, else 1.
fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Mistake>() {
        return 2;
    }
    if error.is::<Taken>() {
        return 3;
    }
    error.downcast_ref::<Wrong>().map_or(1, |wrong| wrong.exit)
}

/// The error and its causes, each once.
fn words(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

/// A field of an answer, in words.
fn field(row: &Answer, name: &str) -> String {
    match row.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Null) | None => String::new(),
        Some(value) => value.to_string(),
    }
}

/// A moment of an answer in UTC, empty where there is none.
fn moment(row: &Answer, name: &str) -> String {
    let at = row.get(name).and_then(serde_json::Value::as_i64).filter(|at| *at > 0);
    at.map(|at| pappus_federation::time::Timestamp::from_micros(at).to_string()).unwrap_or_default()
}

/// The rows of an answer.
fn rows<'a>(answer: &'a Answer, name: &str) -> &'a [Answer] {
    let list = if name.is_empty() { Some(answer) } else { answer.get(name) };
    list.and_then(serde_json::Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A language that the pod speaks.
fn language(name: &str) -> Result<String, String> {
    use pappus_web::locale::Lang;
    let all = || Lang::ALL.map(Lang::id).join(", ");
    Lang::from_id(name).map(|lang| lang.id().to_owned()).ok_or_else(|| format!("the pod speaks {}", all()))
}

/// A password from a file or from stdin; the newline at its end is not part of it.
fn read_password(file: Option<&std::path::Path>, stdin: bool) -> anyhow::Result<String> {
    let text = match (file, stdin) {
        (Some(path), _) => std::fs::read_to_string(path)
            .map_err(|error| Wrong::usage(format!("{} cannot be read: {error}", path.display())))?,
        (None, true) => std::io::read_to_string(std::io::stdin().lock())?,
        (None, false) => {
            return Err(Wrong::usage("give the password with --password-file or --password-stdin").into());
        }
    };
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
