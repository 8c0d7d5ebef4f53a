//! `pappus user …`
use super::{Context, read_password, say};
use crate::operation::{Answer, Member, Operation};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Make an account, whether sign-up is open or not
    Create(Create),
    /// Move somebody in from another pod: make an account and take their archive into it
    Import(Import),
    /// Write the archive of a member to a file
    Export(Export),
    /// Close an account for good: everything that it published goes, here and elsewhere
    Close {
        /// The name of the account
        name: String,
    },
}

/// Who gets an account.
#[derive(Debug, Args)]
struct Newcomer {
    /// The e-mail address
    #[arg(long)]
    email: String,
    /// A file that holds the password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Read the password from stdin
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// The language of the pages
    #[arg(long, default_value = "en", value_parser = super::language)]
    language: String,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name of the account
    name: String,
    #[command(flatten)]
    newcomer: Newcomer,
    /// May run the pod
    #[arg(long)]
    admin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The archive: .json, .json.gz or .zip
    file: PathBuf,
    /// The name of the new account
    #[arg(long)]
    name: String,
    #[command(flatten)]
    newcomer: Newcomer,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The name of the account
    name: String,
    /// The file to write (gzip); it must not be there yet
    file: PathBuf,
}

impl User {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Create(create) => create.run(context).await,
            Self::Import(import) => import.run(context).await,
            Self::Export(export) => export.run(context).await,
            Self::Close { name } => close(name, context).await,
        }
    }
}

impl Newcomer {
    fn member(self, username: String) -> anyhow::Result<Member> {
        let password = read_password(self.password_file.as_deref(), self.password_stdin)?;
        Ok(Member { username, email: self.email, password, language: self.language })
    }
}

impl Create {
    async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let member = self.newcomer.member(self.name)?;
        let answer = context.run(Operation::CreateUser { member, admin: self.admin }).await?;
        context.print(&answer, |answer| format!("{} has an account now.", text(answer, "diaspora_id")));
        Ok(ExitCode::SUCCESS)
    }
}

impl Import {
    /// Begins, then says how far it is until it is done. It goes on without this command.
    async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let member = self.newcomer.member(self.name)?;
        let file = std::path::absolute(&self.file)?;
        let (begun, course) = context.begin(Operation::ImportAccount { member, file }).await?;
        context.print(&begun, |begun| {
            format!("{} moves in as {}.", text(begun, "old_id"), text(begun, "diaspora_id"))
        });
        let username = text(&begun, "username").to_owned();
        let mut last = Answer::Null;
        let code = loop {
            let operation = Operation::ImportProgress { username: username.clone() };
            let now = course.look(context, operation).await?;
            if now != last {
                context.print(&now, progress);
            }
            if now.get("finished_at").is_some_and(|at| !at.is_null()) {
                break ExitCode::SUCCESS;
            }
            if course.is_here() {
                say("Something has to wait. The move goes on as soon as the server runs.");
                break ExitCode::from(3);
            }
            last = now;
        };
        course.end().await;
        Ok(code)
    }
}

/// One line on the way; the whole report at the end.
fn progress(answer: &Answer) -> String {
    let list = |name: &str| answer.get(name).and_then(Answer::as_array).cloned().unwrap_or_default();
    let number = |count: &Answer, name: &str| count.get(name).and_then(Answer::as_i64).unwrap_or(0);
    let counts = list("counts").into_iter().map(|count| {
        let (done, skipped) = (number(&count, "done"), number(&count, "skipped"));
        let total = done + skipped + number(&count, "waiting");
        let skipped = if skipped > 0 { format!(" ({skipped} left out)") } else { String::new() };
        format!("{} {done}/{total}{skipped}", text(&count, "kind"))
    });
    let mut lines = vec![counts.collect::<Vec<_>>().join(", ")];
    if answer.get("finished_at").is_some_and(|at| !at.is_null()) {
        let skipped = list("skipped");
        let left_out = |one: &Answer| {
            format!("left out: {} {}: {}", text(one, "kind"), text(one, "label"), text(one, "reason"))
        };
        lines.extend(skipped.iter().map(left_out));
        let so_many = |one: &Answer| format!("{} × {}", number(one, "count"), text(one, "reason"));
        let left_out: Vec<String> = list("left_out").iter().map(so_many).collect();
        if !left_out.is_empty() {
            lines.push(format!("left out in all: {}", left_out.join(", ")));
        }
        let waiting: i64 = list("counts").iter().map(|count| number(count, "waiting")).sum();
        if waiting > 0 {
            lines.push(format!("{waiting} more come when the pods that have to be asked for them answer."));
        }
        lines.push("The move is done, and the contacts' pods are told.".into());
    }
    lines.join("\n")
}

impl Export {
    async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let file = std::path::absolute(&self.file)?;
        let (asked, course) = context.begin(Operation::ExportAccount { username: self.name }).await?;
        let username = text(&asked, "username").to_owned();
        let code = loop {
            let operation = Operation::SaveArchive { username: username.clone(), file: file.clone() };
            let answer = course.look(context, operation).await?;
            if answer.get("ready").and_then(Answer::as_bool) == Some(true) {
                context.print(&answer, |answer| {
                    format!("{} holds the archive and the private key: keep it safe.", text(answer, "file"))
                });
                break ExitCode::SUCCESS;
            }
            if course.is_here() {
                say("The archive could not be made now.");
                break ExitCode::from(1);
            }
        };
        course.end().await;
        Ok(code)
    }
}

fn text<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.get(name).and_then(Answer::as_str).unwrap_or_default()
}

async fn close(name: String, context: &Context) -> anyhow::Result<ExitCode> {
    let answer = context.run(Operation::CloseUser { username: name.clone() }).await?;
    context.print(&answer, |_| format!("The account of {name} is closed. Other pods are being told."));
    Ok(ExitCode::SUCCESS)
}
