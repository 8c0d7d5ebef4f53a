//! `pappus user …`
use super::{Context, read_password};
use crate::operation::{Member, Operation};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Make an account, whether sign-up is open or not
    Create(Create),
    /// Close an account for good: everything that it published goes, here and elsewhere
    Close {
        /// The name of the account
        name: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name of the account
    name: String,
    /// The e-mail address
    #[arg(long)]
    email: String,
    /// A file that holds the password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Read the password from stdin
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// May run the pod
    #[arg(long)]
    admin: bool,
    /// The language of the pages
    #[arg(long, default_value = "en", value_parser = super::language)]
    language: String,
}

impl User {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let create = match self {
            Self::Create(create) => create,
            Self::Close { name } => return close(name, context).await,
        };
        let password = read_password(create.password_file.as_deref(), create.password_stdin)?;
        let member =
            Member { username: create.name, email: create.email, password, language: create.language };
        let answer = context.run(Operation::CreateUser { member, admin: create.admin }).await?;
        context.print(&answer, |answer| {
            format!(
                "{} has an account now.",
                answer.get("diaspora_id").and_then(|id| id.as_str()).unwrap_or("The member")
            )
        });
        Ok(ExitCode::SUCCESS)
    }
}

async fn close(name: String, context: &Context) -> anyhow::Result<ExitCode> {
    let answer = context.run(Operation::CloseUser { username: name.clone() }).await?;
    context.print(&answer, |_| format!("The account of {name} is closed. Other pods are being told."));
    Ok(ExitCode::SUCCESS)
}
