//! `pappus doctor`
use super::{say, words};
use crate::{
    config::{Config, Given},
    control,
    examine::{self, Finding, State},
    operation::Operation,
    secret, start,
};
use serde_json::json;
use std::process::ExitCode;

/// Exit code 1 if something does not work.
pub(super) async fn run(given: &Given, json: bool) -> anyhow::Result<ExitCode> {
    let findings = look(given).await;
    let broken = findings.iter().any(|finding| finding.state == State::Fail);
    if json {
        say(&json!({ "ok": !broken, "checks": findings }).to_string());
    } else {
        for Finding { name, state, text } in &findings {
            let sign = match state {
                State::Ok => '✔',
                State::Warn => '▲',
                State::Fail => '✖',
            };
            say(&format!("{sign} {name}: {text}"));
        }
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn look(given: &Given) -> Vec<Finding> {
    let config = match Config::load(given) {
        Ok(config) => config,
        Err(mistake) => return vec![Finding::fail("configuration", mistake.to_string())],
    };
    let read = config.file.as_ref().map_or("no file, defaults".to_owned(), |file| file.display().to_string());
    let mut findings = vec![Finding::ok("configuration", read)];
    // looking changes nothing: a mistyped directory is not made
    if !config.data.is_dir() {
        let text = format!("there is no {}: check --data, or start the pod once", config.data.display());
        findings.push(Finding::fail("data directory", text));
        return findings;
    }
    findings.push(examine::data_dir(&config.data));
    findings.push(examine::disk(&config.data));
    findings.push(examine::proxies(&config));
    findings.extend(inside(given, &config).await);
    findings
}

/// What only an open pod shows: of the running server, or of one opened for the purpose.
async fn inside(given: &Given, config: &Config) -> Vec<Finding> {
    match control::ask(&config.data, &Operation::Examine).await {
        Ok(Some(Ok(answer))) => {
            let mut findings = vec![Finding::ok("server", "it is running")];
            findings.extend(serde_json::from_value::<Vec<Finding>>(answer).unwrap_or_default());
            return findings;
        }
        Ok(Some(Err(wrong))) => return vec![Finding::fail("server", wrong.message)],
        Ok(None) => {}
        Err(error) => return vec![Finding::fail("server", words(&error))],
    }
    let mut findings = vec![Finding::ok("server", "it is not running")];
    match start::open(config, &given.environment).await {
        Ok(opened) => {
            findings.push(key(given, config));
            findings.extend(examine::room(&opened.room).await);
            opened.close().await;
        }
        Err(error) => findings.push(Finding::fail("pod", words(&error))),
    }
    findings
}

fn key(given: &Given, config: &Config) -> Finding {
    match secret::load_or_make(&config.data, &given.environment) {
        Ok(_) => Finding::ok("key", "secret.key opens the pod's secrets; keep a copy of it elsewhere"),
        Err(error) => Finding::fail("key", words(&error)),
    }
}
