//! `cargo xtask test`: every kind of test there is, with one closing line over all of them.

use crate::{
    parts, place,
    postgres::Cluster,
    run::{cargo, shown, there_is},
    suites,
    tally::Tally,
    tools,
};
use anyhow::Result;
use std::{fs, path::PathBuf, process::Command, process::ExitCode};

/// Runs what the filter asks for, all of it without one.
pub fn test(args: &[String]) -> Result<ExitCode> {
    tools::check()?;
    parts::plugins()?;
    parts::client()?;
    let mut all = Tally::default();
    match args.first().map(String::as_str) {
        None => {
            all += rust(None)?;
            all += plugins()?;
            // the server was built for its own tests: building it alone would be with other features, anew
            all += suites::interop()?;
            all += suites::browser()?;
        }
        Some("plugins") => all += plugins()?,
        Some("interop") => {
            parts::server(false)?;
            all += suites::interop()?;
        }
        Some("browser") => {
            parts::server(false)?;
            all += suites::browser()?;
        }
        Some(filter) => all += rust(Some(filter))?,
    }
    fs::create_dir_all(place::target())?;
    fs::write(closing_line_file(), format!("{all}\n"))?;
    println!("\n{all}");
    Ok(if all.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where the closing line of the last run is kept, for whoever has more to print after it.
pub fn closing_line_file() -> PathBuf {
    place::target().join("test-result.txt")
}

fn rust(filter: Option<&str>) -> Result<Tally> {
    let cluster = if std::env::var_os("TEST_POSTGRES").is_some() { None } else { Cluster::start()? };
    let mut tally = Tally::default();
    if cluster.is_none() && std::env::var_os("TEST_POSTGRES").is_none() {
        tally += suites::cannot(
            "tests on PostgreSQL",
            "install postgresql, or set TEST_POSTGRES to a server's URL",
        )?;
    }
    let with_database = |mut command: Command| {
        if let Some(cluster) = &cluster {
            command.env("TEST_POSTGRES", cluster.url());
        }
        command.env("PAPPUS_TEST_PLUGINS", place::plugins_out());
        command
    };
    tally += run(with_database(runner(filter)))?;
    if filter.is_none() && there_is("cargo-nextest") {
        // nextest does not run the examples of the documentation
        tally += run(with_database(cargo(&["test", "--workspace", "--doc", "--quiet"])))?;
    }
    Ok(tally)
}

fn runner(filter: Option<&str>) -> Command {
    let mut command = if there_is("cargo-nextest") {
        let mut args = vec!["nextest", "run", "--workspace"];
        if place::on_ci() {
            args.extend(["--profile", "ci"]);
        }
        cargo(&args)
    } else {
        cargo(&["test", "--workspace"])
    };
    command.args(filter);
    command
}

/// The tests that plugins bring along run natively: no pod, no sandbox.
fn plugins() -> Result<Tally> {
    let mut tally = Tally::default();
    for manifest in ["plugin-sdk/Cargo.toml", "plugins/Cargo.toml"] {
        let mut command = cargo(&["test", "--workspace", "--manifest-path", manifest]);
        tally += run(command.env("CARGO_TARGET_DIR", place::target().join("plugin-tests")))?;
    }
    Ok(tally)
}

/// One runner's tests; a runner that fails without a failed test of its own (it did not compile) counts as one.
fn run(mut command: impl std::borrow::BorrowMut<Command>) -> Result<Tally> {
    let done = shown(command.borrow_mut())?;
    let mut tally = Tally::read(&done.text);
    if !done.status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}
