//! `pappus config …`
use super::say;
use crate::config::{Config, Given, key};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Sub {
    /// Look whether the configuration is right
    Check,
    /// Print every value
    Show {
        /// And where it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Print a commented configuration file
    Default,
}

pub(super) fn run(sub: &Sub, given: &Given, json: bool) -> anyhow::Result<ExitCode> {
    if matches!(sub, Sub::Default) {
        say(key::example().trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(given)?;
    match sub {
        Sub::Show { .. } if json => {
            let rows: Vec<_> = config.values().into_iter().map(row).collect();
            say(&json!(rows).to_string());
        }
        Sub::Show { origin } => show(&config, *origin),
        _ => say(&match &config.file {
            Some(file) => format!("{} is right.", file.display()),
            None => "There is no configuration file; the rest is right.".to_owned(),
        }),
    }
    Ok(ExitCode::SUCCESS)
}

fn row((key, value, origin): (&str, Option<String>, String)) -> serde_json::Value {
    json!({ "key": key, "value": value, "origin": origin })
}

fn show(config: &Config, with_origin: bool) {
    for (key, value, origin) in config.values() {
        let value = value.unwrap_or_else(|| "not set".to_owned());
        say(&if with_origin { format!("{key} = {value}    # {origin}") } else { format!("{key} = {value}") });
    }
}
