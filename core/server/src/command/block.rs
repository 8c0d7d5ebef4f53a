//! `pappus blocks …`, and `pappus pods block|unblock` for the commonest of it.
use super::{Context, say};
use crate::operation::{Answer, NewBlock, Operation, Wrong};
use clap::{Args, Subcommand, ValueEnum};
use pappus_kernel::moderation::{Severity, blocklist};
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub(super) enum Blocks {
    /// Every block
    List,
    /// Block a pod or a person, or change their block
    Add(Add),
    /// Lift a block
    Remove {
        /// A host or a diaspora* ID
        target: String,
    },
    /// Read a list of a fediverse server; its lines wait as drafts
    Import {
        /// CSV with a head line, or one host per line
        file: PathBuf,
        /// How far, where the list does not say so
        #[arg(long, default_value = "suspend")]
        level: Level,
    },
    /// Print the blocks of pods as such a list
    Export,
    /// What waits of imported lists
    Drafts,
    /// Make blocks of drafts
    Approve {
        /// Their hosts
        #[arg(required = true)]
        hosts: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// A host or a diaspora* ID
    target: String,
    /// suspend: nothing in or out; silence: only for who shares with them; media: their pictures are hidden
    #[arg(long)]
    level: Level,
    /// Everything below the host, too
    #[arg(long)]
    subdomains: bool,
    /// Their pictures are hidden, too
    #[arg(long)]
    no_pictures: bool,
    /// Members read this
    #[arg(long, default_value = "")]
    reason: String,
    /// Admins read this
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    Suspend,
    Silence,
    Media,
}

impl Level {
    const fn severity(self) -> Severity {
        match self {
            Self::Suspend => Severity::Suspend,
            Self::Silence => Severity::Silence,
            Self::Media => Severity::None,
        }
    }
}

impl Blocks {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::List => {
                let answer = context.run(Operation::ListBlocks).await?;
                context.print(&answer, |answer| lines(answer, "Nobody is blocked."));
            }
            Self::Add(add) => {
                let answer = context.run(add.operation()).await?;
                context.print(&answer, |answer| format!("{} is blocked.", text(answer, "target")));
            }
            Self::Remove { target } => {
                let answer = context.run(Operation::Unblock { target }).await?;
                context.print(&answer, |answer| format!("{} is blocked no more.", text(answer, "target")));
            }
            Self::Import { file, level } => import(context, &file, level).await?,
            Self::Export => {
                let answer = context.run(Operation::ExportBlocks).await?;
                context.print(&answer, |answer| text(answer, "list").trim_end().to_owned());
            }
            Self::Drafts => {
                let answer = context.run(Operation::ListDrafts).await?;
                context.print(&answer, |answer| lines(answer, "No draft waits."));
            }
            Self::Approve { hosts } => {
                let answer = context.run(Operation::ApproveDrafts { hosts }).await?;
                context.print(&answer, |answer| format!("{} approved.", text(answer, "approved")));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn operation(self) -> Operation {
        Operation::Block(NewBlock {
            target: self.target,
            severity: self.level.severity().name().into(),
            subdomains: self.subdomains,
            reject_media: self.no_pictures || self.level == Level::Media,
            reason: self.reason,
            note: self.note,
        })
    }
}

/// A running server takes short questions only, so a list goes there in pieces.
async fn import(context: &Context, file: &std::path::Path, level: Level) -> anyhow::Result<()> {
    let read = std::fs::read_to_string(file)
        .map_err(|error| Wrong::usage(format!("{} cannot be read: {error}", file.display())))?;
    let list = blocklist::parse(&read, level.severity())
        .map_err(|invalid| Wrong::from(pappus_kernel::Error::from(invalid)))?;
    let source = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (mut drafted, mut present, mut own) = (0, 0, 0);
    for entries in list.entries.chunks(20) {
        let draft = Operation::DraftBlocks { entries: entries.to_vec(), source: source.clone() };
        let answer = context.run(draft).await?;
        let count = |name: &str| answer.get(name).and_then(Answer::as_u64).unwrap_or_default();
        drafted += count("drafted");
        present += count("present");
        own += count("own");
    }
    let answer = serde_json::json!({
        "drafted": drafted, "present": present, "own": own,
        "refused": list.problem_count, "problems": list.problems,
    });
    context.print(&answer, |_| {
        format!("{drafted} drafts wait for approval; {present} are blocked so already, {own} are this pod.")
    });
    if !context.json {
        for problem in &list.problems {
            say(&format!("line {}: {} ({})", problem.line, problem.text, problem.rule));
        }
    }
    Ok(())
}

fn text(answer: &Answer, name: &str) -> String {
    match answer.get(name) {
        Some(Answer::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn lines(answer: &Answer, nothing: &str) -> String {
    let rows = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return nothing.to_owned();
    }
    let line = |row: &Answer| {
        let below = if row.get("subdomains").is_some_and(|on| on == true) { " and below" } else { "" };
        let media = if row.get("reject_media").is_some_and(|on| on == true) { ", no pictures" } else { "" };
        format!("{}{below}: {}{media}  {}", text(row, "target"), text(row, "severity"), text(row, "reason"))
    };
    rows.iter().map(|row| line(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
