//! `cargo xtask bench`: what a release build costs in processor time and memory, driven over loopback.

use crate::{parts, place, postgres::Cluster, run::command, suites};
use anyhow::{Result, bail};
use std::{fs, process::ExitCode};

const KINDS: [&str; 3] = ["pages", "federation", "plugins"];

/// Builds release, then hands over to the driver, which prints one table and writes it as JSON.
pub fn bench(args: &[String]) -> Result<ExitCode> {
    let Some(kind) = args.first().filter(|kind| KINDS.contains(&kind.as_str())) else {
        bail!("usage: cargo xtask bench {}", KINDS.join("|"));
    };
    parts::plugins()?;
    parts::client()?;
    parts::server(true)?;
    if kind == "federation" {
        parts::prepare()?;
    }
    let Some((python, enter)) = suites::peer_world()? else {
        bail!("the bench needs Linux with `unshare -m -n`, and python3 with venv");
    };
    let out = place::target().join("bench");
    fs::create_dir_all(&out)?;
    let mut driver = command("unshare", &enter);
    driver.arg(python).args(["tests/interop/bench.py", kind]).arg(out.join(format!("{kind}.json")));
    driver.env("PAPPUS_BIN", place::server(true)).env("PAPPUS_TEST_PLUGINS", place::plugins_out());
    driver.env("BENCH_PREPARE", place::target().join("release/examples/prepare"));
    let cluster = if kind == "federation" { Cluster::start()? } else { None };
    if let Some(cluster) = &cluster {
        driver.env("BENCH_POSTGRES", cluster.socket_url());
    }
    let status = driver.status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
