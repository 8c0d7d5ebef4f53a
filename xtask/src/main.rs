//! The project's own commands: `cargo xtask COMMAND`. What cargo cannot express lives here: building the plugin
//! components and the client bundle, starting a pod to look at, running every kind of test, and the checks of CI.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod bench;
mod checks;
mod fuzz;
mod layers;
mod parts;
mod place;
mod postgres;
mod run;
mod suites;
mod tally;
mod test;
mod tools;
mod up;
mod vectors;

use anyhow::{Context as _, Result, bail};
use std::{path::Path, process::ExitCode};

const HELP: &str = "\
cargo xtask COMMAND

  up [--host NAME] [--release] [-- ARGS]   build everything and start a pod on http://127.0.0.1:4000
  test [FILTER]                            every test; FILTER: a test's name, `interop`, `browser` or `plugins`
  ci-checks                                format, layers, lints, documentation, licences, fuzz smoke
  check-layers                             only the arrows between our crates, and that the core names no plugin
  plugins                                  build plugins/* into target/plugins
  client                                   build the browser bundle of core/web/client
  vectors DIR                              run a folder of federation vectors
  fuzz SECONDS                             every fuzz target for so long
  bench pages|federation|plugins           measure a release build";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match command(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: &[String]) -> Result<ExitCode> {
    let (name, rest) = args.split_first().map_or(("help", args), |(name, rest)| (name.as_str(), rest));
    match name {
        "up" => up::up(rest),
        "test" => test::test(rest),
        "ci-checks" => Ok(checks::all()),
        "check-layers" => {
            layers::check()?;
            println!("layers: every arrow is allowed, and the core names no plugin");
            Ok(ExitCode::SUCCESS)
        }
        "plugins" => {
            parts::plugins()?;
            Ok(ExitCode::SUCCESS)
        }
        "client" => {
            parts::client()?;
            Ok(ExitCode::SUCCESS)
        }
        "vectors" => {
            let dir = rest.first().context("usage: cargo xtask vectors DIR")?;
            vectors::run(Path::new(dir))
        }
        "fuzz" => fuzz::fuzz(rest),
        "bench" => bench::bench(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}
