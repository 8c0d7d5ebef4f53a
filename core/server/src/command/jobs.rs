//! `pappus jobs …`
use super::{Context, field, moment, rows};
use crate::operation::{Answer, Operation};
use clap::{Args, Subcommand};
use pappus_kernel::id::JobId;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
    /// What waits, and what gave up
    List,
    /// Try again what gave up
    Retry(Which),
    /// Throw away what gave up
    Drop(Which),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The number of the job, from `pappus jobs list`
    id: Option<i64>,
    /// All of them
    #[arg(long)]
    all: bool,
}

impl Jobs {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::List => {
                let answer = context.run(Operation::ListJobs).await?;
                context.print(&answer, table);
            }
            Self::Retry(which) => {
                let answer = context.run(Operation::RetryJobs { id: which.id.map(JobId) }).await?;
                context.print(&answer, |answer| format!("{} to be tried again.", field(answer, "retried")));
            }
            Self::Drop(which) => {
                let answer = context.run(Operation::DropJobs { id: which.id.map(JobId) }).await?;
                context.print(&answer, |answer| format!("{} thrown away.", field(answer, "dropped")));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(answer: &Answer) -> String {
    let backlog = |row: &Answer| {
        let (kind, state, count) = (field(row, "kind"), field(row, "state"), field(row, "count"));
        format!("{kind:<20} {state:<12} {count:>7}  since {}", moment(row, "oldest"))
    };
    let dead = |row: &Answer| {
        let (id, kind, state) = (field(row, "id"), field(row, "kind"), field(row, "state"));
        format!("{id:>7} {kind:<12} {state:<12} {}  {}", moment(row, "created_at"), field(row, "last_error"))
    };
    let mut lines: Vec<_> = rows(answer, "backlog").iter().map(backlog).collect();
    if lines.is_empty() {
        lines.push("Nothing waits.".to_owned());
    }
    lines.extend(rows(answer, "gave_up").iter().map(dead));
    lines.join("\n")
}
