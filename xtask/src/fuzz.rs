//! Fuzzing: every parser of what comes from elsewhere, with whatever comes to mind.
use crate::{
    place,
    run::{command, must, output},
    tools,
};
use anyhow::{Context as _, Result, bail};
use std::process::{Command, ExitCode};

/// The crate whose targets read the protocol.
pub const PROTOCOL: &str = "core/federation";
/// The one whose targets read what members and admins bring.
const KERNEL: &str = "core/kernel";

/// `cargo xtask fuzz SECONDS`: each target for so long.
pub fn fuzz(args: &[String]) -> Result<ExitCode> {
    let seconds = args.first().context("usage: cargo xtask fuzz SECONDS")?;
    let seconds = seconds.parse().context("SECONDS is a number, such as 600")?;
    if let Some(lacking) = lacking()? {
        bail!("{lacking}");
    }
    for of in [PROTOCOL, KERNEL] {
        run(of, seconds)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What this machine lacks for it.
pub fn lacking() -> Result<Option<&'static str>> {
    if !tools::nightly() {
        return Ok(Some("no nightly toolchain; the corpus runs among the tests"));
    }
    if !tools::cargo_tool("fuzz")? {
        return Ok(Some("cargo install --locked cargo-fuzz; the corpus runs among the tests"));
    }
    Ok(None)
}

/// Runs each target of a crate for so many seconds; a crash ends it.
pub fn run(of: &str, seconds: u32) -> Result<()> {
    let targets = output(&mut nightly(of, &["list"]))?;
    let time = format!("-max_total_time={seconds}");
    for target in targets.lines() {
        must(&mut nightly(of, &["run", target, "--", &time, "-verbosity=0"]))?;
    }
    Ok(())
}

fn nightly(of: &str, args: &[&str]) -> Command {
    let mut command = command("cargo", &["+nightly", "fuzz"]);
    let dir = place::root().join(of).join("fuzz");
    // the cargo that runs us names its own toolchain to its children
    command.args(args).current_dir(dir).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command.env("CARGO_TARGET_DIR", place::target().join("fuzz"));
    command
}
