//! `pappus pods …`
use super::{
    Context,
    block::{Add, Blocks},
    field, moment, rows,
};
use crate::operation::{Answer, Operation};
use clap::Subcommand;
use pappus_kernel::remote_pod::{Filter, State};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Pods {
    /// Known pods, those with trouble first, and what waits for them
    List {
        /// Only those that are ok, retrying, asleep or blocked
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Only those with this in their name
        #[arg(long, default_value = "", hide_default_value = true)]
        find: String,
    },
    /// One pod: what waits for it and why, and what happened lately
    Show {
        /// Its host
        host: String,
    },
    /// Ask a pod now whether it is there; what waits goes if it is
    Recheck {
        /// Its host
        host: String,
    },
    /// Block a pod or a person, or change their block
    Block(Add),
    /// Lift a block
    Unblock {
        /// A host or a diaspora* ID
        target: String,
    },
}

fn state(name: &str) -> Result<State, String> {
    State::named(name).ok_or_else(|| "ok, retrying, asleep or blocked".to_owned())
}

impl Pods {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { state, find } => {
                let filter = Filter { state, text: find };
                let answer = context.run(Operation::ListPods { filter }).await?;
                context.print(&answer, table);
            }
            Self::Show { host } => {
                let answer = context.run(Operation::ShowPod { host }).await?;
                context.print(&answer, details);
            }
            Self::Recheck { host } => {
                let answer = context.run(Operation::RecheckPod { host: host.clone() }).await?;
                context.print(&answer, |_| format!("{host} will be asked by the running server."));
            }
            Self::Block(add) => return Blocks::Add(add).run(context).await,
            Self::Unblock { target } => return Blocks::Remove { target }.run(context).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(answer: &Answer) -> String {
    let line = |row: &Answer| {
        let error = field(row, "last_error");
        let error = if error.is_empty() { error } else { format!("  ({error})") };
        format!(
            "{:<32} {:<9} {:>7} waiting {:>6} people  {}{error}",
            field(row, "host"),
            field(row, "state"),
            field(row, "waiting"),
            field(row, "people"),
            moment(row, "last_seen_at"),
        )
    };
    let lines: Vec<_> = rows(answer, "").iter().map(line).collect();
    if lines.is_empty() { "No such pod is known.".to_owned() } else { lines.join("\n") }
}

fn details(answer: &Answer) -> String {
    let mut lines = Vec::new();
    for (words, value) in [
        ("host", field(answer, "host")),
        ("state", field(answer, "state")),
        ("known people", field(answer, "people")),
        ("waiting", field(answer, "waiting")),
        ("oldest", moment(answer, "oldest")),
        ("last heard of", moment(answer, "last_seen_at")),
        ("fails since", moment(answer, "offline_since")),
        ("next try", moment(answer, "retry_at")),
        ("last error", field(answer, "last_error")),
    ] {
        if !value.is_empty() {
            lines.push(format!("{words:<14} {value}"));
        }
    }
    for row in rows(answer, "queue") {
        let whom = if field(row, "public") == "true" { "everybody there" } else { "single people" };
        let (count, entity, error) = (field(row, "count"), field(row, "entity"), field(row, "last_error"));
        lines.push(format!("  {count} {entity} for {whom} {error}"));
    }
    lines.extend(rows(answer, "events").iter().map(event));
    lines.join("\n")
}

/// One event of the federation log.
pub(super) fn event(row: &Answer) -> String {
    let host = field(row, "host");
    let (way, host) = match (field(row, "direction").as_str(), host.is_empty()) {
        ("in", _) => ("from", host),
        (_, true) => ("to", format!("{} recipients", field(row, "messages"))),
        (_, false) => ("to", host),
    };
    let reason = field(row, "reason");
    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
    let (entity, guid, result) = (field(row, "entity"), field(row, "guid"), field(row, "result"));
    format!("{}  {entity} {guid} {way} {host}  {result}{reason}", moment(row, "at"))
}
