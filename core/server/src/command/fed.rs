//! `pappus fed …`
use super::{Context, field, moment, pods::event, rows};
use crate::operation::{Answer, Operation};
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Fed {
    /// What happened to a post, a comment or anything else: how it came, where it went, where it waits
    Trace {
        /// Its guid
        guid: String,
    },
}

impl Fed {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Self::Trace { guid } = self;
        let answer = context.run(Operation::TraceEntity { guid }).await?;
        context.print(&answer, words);
        Ok(ExitCode::SUCCESS)
    }
}

fn words(answer: &Answer) -> String {
    let mut lines: Vec<_> = rows(answer, "events").iter().map(event).collect();
    for row in rows(answer, "waiting") {
        let why = [field(row, "refused"), field(row, "pod_error")].into_iter().find(|why| !why.is_empty());
        let why = why.map(|why| format!(", {why}")).unwrap_or_default();
        let next = moment(row, "next_try");
        let next = if next.is_empty() { next } else { format!(", not before {next}") };
        lines.push(format!(
            "waits for {}: {} {}{why}{next}",
            field(row, "host"),
            field(row, "waiting"),
            field(row, "entity")
        ));
    }
    if lines.is_empty() {
        return "Nothing is known of it: the log keeps a week.".to_owned();
    }
    lines.join("\n")
}
