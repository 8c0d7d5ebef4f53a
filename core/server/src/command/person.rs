//! `pappus person …`
use super::Context;
use crate::operation::{Answer, Operation};
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Person {
    /// Take the key that the person's pod shows now, after it was set up anew
    ResetKey {
        /// Their diaspora* ID
        #[arg(value_name = "ID")]
        diaspora_id: String,
    },
}

impl Person {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Self::ResetKey { diaspora_id } = self;
        let answer = context.run(Operation::ResetKey { diaspora_id }).await?;
        context.print(&answer, |answer| {
            let text = |field: &str| answer.get(field).and_then(Answer::as_str).unwrap_or_default();
            let (who, old, new) = (text("diaspora_id"), text("old"), text("new"));
            format!("The key of {who} is reset.\nold: {old}\nnew: {new}")
        });
        Ok(ExitCode::SUCCESS)
    }
}
