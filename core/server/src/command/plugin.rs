//! `pappus plugin …`
use super::Context;
use crate::operation::{Answer, Operation};
use clap::Subcommand;
use std::process::ExitCode;

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
            Self::List => (Operation::ListPlugins, String::new()),
        };
        let answer = context.run(operation).await?;
        context.print(&answer, |answer| if done.is_empty() { table(answer) } else { done });
        Ok(ExitCode::SUCCESS)
    }
}

fn table(answer: &Answer) -> String {
    let text = |row: &Answer, field: &str| {
        row.get(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let line = |row: &Answer| {
        let error = text(row, "last_error");
        let note = if error.is_empty() { String::new() } else { format!("  ({error})") };
        format!(
            "{:<20} {:<9} {:<10} {}{note}",
            text(row, "slug"),
            text(row, "state"),
            text(row, "version"),
            text(row, "name")
        )
    };
    let rows = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "No plugin is here: put components into `plugins` in the data directory.".to_owned();
    }
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
