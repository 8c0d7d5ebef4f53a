//! `pappus setup`
use super::{Context, read_password};
use crate::operation::{Member, Operation, Wrong};
use clap::Args;
use std::{path::PathBuf, process::ExitCode};

/// Without --admin: prints a new link for the browser.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "options of a command are switches")]
pub(super) struct Setup {
    /// Print a new link; the one before it no longer works
    #[arg(long, conflicts_with = "admin")]
    new_link: bool,
    /// The name of the first admin
    #[arg(long, value_name = "NAME", requires = "email")]
    admin: Option<String>,
    /// The admin's e-mail address
    #[arg(long)]
    email: Option<String>,
    /// A file that holds the admin's password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Read the admin's password from stdin
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// What the pod is called
    #[arg(long, value_name = "NAME", default_value = "Pappus")]
    pod_name: String,
    /// Anybody may sign up
    #[arg(long)]
    open: bool,
    /// Nobody may sign up (what holds without --open)
    #[arg(long, conflicts_with = "open")]
    closed: bool,
    /// The language of the admin's pages
    #[arg(long, default_value = "en", value_parser = super::language)]
    language: String,
}

impl Setup {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Some(username) = self.admin else {
            let origin = format!("http://{}", context.config.listen);
            let answer = context.run(Operation::SetupLink { origin }).await?;
            let link = answer.get("url").and_then(|url| url.as_str()).unwrap_or_default().to_owned();
            context
                .print(&answer, |_| format!("Open  {link}  to finish. The link works once, for 24 hours."));
            return Ok(ExitCode::SUCCESS);
        };
        let password = read_password(self.password_file.as_deref(), self.password_stdin)?;
        let base_url = context.config.base_url.as_ref().map(ToString::to_string);
        let base_url = base_url.ok_or_else(|| {
            Wrong::usage(
                "say where the pod is for everybody with --base-url https://…; it cannot change later",
            )
        })?;
        let member =
            Member { username, email: self.email.unwrap_or_default(), password, language: self.language };
        let operation =
            Operation::SetUp { base_url, pod_name: self.pod_name, member, open: self.open && !self.closed };
        let answer = context.run(operation).await?;
        context.print(&answer, |answer| {
            format!(
                "The pod is set up. Sign in as {}.",
                answer.get("username").and_then(|name| name.as_str()).unwrap_or("the admin")
            )
        });
        Ok(ExitCode::SUCCESS)
    }
}
