//! Running other programs: with their output shown as it comes, and kept where a closing line is read from it.

use anyhow::{Context as _, Result, bail};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    process::{Command, ExitStatus, Stdio},
    thread,
};

/// Everything a program wrote, with how it ended.
pub struct Shown {
    pub status: ExitStatus,
    pub text: String,
}

/// A command that runs in the work tree.
pub fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(crate::place::root());
    command
}

/// The cargo that runs us. The server embeds the plugins that lie in the output folder, in every build alike, so that
/// one command does not undo what another compiled.
pub fn cargo(args: &[&str]) -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args);
    let plugins = crate::place::plugins_out();
    if plugins.exists() {
        cargo.env("PAPPUS_EMBED_PLUGINS", plugins);
    }
    cargo
}

/// Runs to the end with its output passed through; anything but success is an error that names the command.
pub fn must(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs quietly and gives the output; a failure is an error that quotes it.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("could not start {}", words(command)))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!(
            "{} ended with {}:\n{}{said}",
            words(command),
            done.status,
            String::from_utf8_lossy(&done.stdout)
        );
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs with both outputs passed through and kept.
pub fn shown(command: &mut Command) -> Result<Shown> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("could not start {}", words(command)))?;
    let out = child.stdout.take().map(|pipe| thread::spawn(move || pass_on(pipe, std::io::stdout())));
    let err = child.stderr.take().map(|pipe| thread::spawn(move || pass_on(pipe, std::io::stderr())));
    let status = child.wait()?;
    let text = [out, err].into_iter().flatten().map(|kept| kept.join().unwrap_or_default()).collect();
    Ok(Shown { status, text })
}

fn pass_on(from: impl Read, mut to: impl Write) -> String {
    let mut kept = String::new();
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let _shown_anyway = writeln!(to, "{line}");
        kept.push_str(&line);
        kept.push('\n');
    }
    kept
}

/// Whether a program can be started at all.
pub fn there_is(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn words(command: &Command) -> String {
    let args = command.get_args().map(OsStr::to_string_lossy);
    std::iter::once(command.get_program().to_string_lossy()).chain(args).collect::<Vec<_>>().join(" ")
}
