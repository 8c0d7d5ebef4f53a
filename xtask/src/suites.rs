//! The two suites that live outside of cargo: interop with a peer that is not ours, and a real browser.

use crate::{
    place,
    run::{Shown, command, must, output, shown, there_is},
    tally::Tally,
    tools,
};
use anyhow::{Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the interop peer is made of. `federation` imports Django without declaring it.
const PEER: [&str; 3] = ["federation==0.28.*", "django<6", "flask<4"];

/// Says what is missing: a failure on CI, a skipped suite elsewhere.
pub fn cannot(what: &str, remedy: &str) -> Result<Tally> {
    if place::on_ci() {
        bail!("{what} cannot run here: {remedy}");
    }
    println!("skipped: {what} ({remedy})");
    Ok(Tally::SKIPPED)
}

/// The built server against the Python peer, under their own host names, in a network of their own.
pub fn interop() -> Result<Tally> {
    let what = "interop tests";
    let Some((python, enter)) = peer_world()? else {
        return cannot(what, "they need Linux with `unshare -m -n`, and python3 with venv and pip");
    };
    let mut command = command("unshare", &enter);
    command.arg(python).arg("tests/interop/run.py");
    suite(command.env("PAPPUS_BIN", place::server(false)).env("PAPPUS_TEST_PLUGINS", place::plugins_out()))
}

/// The built server against headless Chromium.
pub fn browser() -> Result<Tally> {
    let what = "browser tests";
    let places: Vec<PathBuf> = tools::places("chromium", &[])
        .into_iter()
        .chain(tools::places("google-chrome", &[Path::new("/opt/google/chrome")]))
        .collect();
    let Some(chromium) = tools::debian(&places, &["chromium", "fonts-noto-core"])? else {
        return cannot(what, "install chromium");
    };
    let dir = place::root().join("tests/browser");
    if !fresh(&dir.join("node_modules/.installed-from"), &fs::read_to_string(dir.join("package-lock.json"))?)
    {
        must(
            Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&dir),
        )?;
        fs::copy(dir.join("package-lock.json"), dir.join("node_modules/.installed-from"))?;
    }
    let mut command = command(
        "node",
        &["--test", "--test-concurrency=1", "--test-reporter=spec", "access.test.js", "journeys.test.js"],
    );
    command.current_dir(dir).env("CHROMIUM", chromium);
    suite(command.env("PAPPUS_BIN", place::server(false)).env("PAPPUS_TEST_PLUGINS", place::plugins_out()))
}

/// The Python that has the peer, and the arguments of `unshare` for a network of its own.
pub fn peer_world() -> Result<Option<(PathBuf, Vec<&'static str>)>> {
    let Some(enter) = own_network() else { return Ok(None) };
    Ok(peer_environment()?.map(|python| (python, enter)))
}

/// One suite's tests; a suite that dies without telling a failure counts as one.
fn suite(command: &mut Command) -> Result<Tally> {
    let Shown { status, text } = shown(command)?;
    let mut tally = Tally::read(&text);
    if tally.failed == 0 && (!status.success() || tally.passed == 0) {
        tally.failed = 1;
    }
    Ok(tally)
}

/// Arguments of `unshare` that give a private hosts file and the real ports, without changing the machine.
fn own_network() -> Option<Vec<&'static str>> {
    [vec!["-m", "-n"], vec!["-r", "-m", "-n"]]
        .into_iter()
        .find(|args| output(command("unshare", args).arg("true")).is_ok())
}

/// The Python of a virtual environment with the peer's packages, made on first use.
fn peer_environment() -> Result<Option<PathBuf>> {
    let dir = place::cache("interop");
    let python = dir.join("bin/python");
    let wanted = PEER.join("\n");
    if fresh(&dir.join("installed"), &wanted) && python.exists() {
        return Ok(Some(python));
    }
    if !there_is("python3") {
        return Ok(None);
    }
    println!("installing the interop peer into {}", dir.display());
    let made = output(command("python3", &["-m", "venv"]).arg(&dir))
        .and_then(|_| output(command(&python, &["-m", "pip", "install", "--quiet"]).args(PEER)));
    if let Err(error) = made {
        println!("{error:#}");
        return Ok(None);
    }
    fs::write(dir.join("installed"), wanted)?;
    Ok(Some(python))
}

fn fresh(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}
