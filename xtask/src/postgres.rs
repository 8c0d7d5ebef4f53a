//! A private PostgreSQL for one test run: made in a temporary folder, thrown away however the run ends.

use crate::{
    run::{command, must, output},
    tools,
};
use anyhow::{Context as _, Result, bail};
use std::{
    fs,
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A running cluster. Its guard stops it when this value, or the whole process, goes away.
pub struct Cluster {
    url: String,
    socket_url: String,
    guard: Child,
}

/// What the guard does once its standard input ends, which no way of dying can prevent.
const GUARD: &str = r#"cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -INT "$pid" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$1/data/postmaster.pid" ] || break; sleep 0.5; done
rm -rf "$1""#;

impl Cluster {
    /// Starts one where PostgreSQL's programs are installed.
    pub fn start() -> Result<Option<Self>> {
        let Some(initdb) = tools::debian(&programs("initdb"), &["postgresql"])? else { return Ok(None) };
        let postgres = initdb.with_file_name("postgres");
        let dir = std::env::temp_dir().join(format!("pappus-postgres-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        let guard = guard(&dir)?;
        let password = random_word()?;
        fs::write(dir.join("password"), &password)?;
        if tools::is_root() {
            must(&mut command("chown", &["-R", "nobody:nogroup", &dir.to_string_lossy()]))?;
        }
        let port = free_port()?;
        make(&initdb, &dir)?;
        run(&postgres, &dir, port)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let folder = dir.to_string_lossy();
        let socket_url = format!("postgres://postgres:{password}@localhost:{port}/postgres?host={folder}");
        Ok(Some(Self { url, socket_url, guard }))
    }

    /// What `TEST_POSTGRES` shall hold.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same through its socket, for whoever has a network of their own.
    pub fn socket_url(&self) -> &str {
        &self.socket_url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ended_anyway = self.guard.wait();
    }
}

fn programs(name: &str) -> Vec<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    versions.reverse();
    // a program of the search path may be a link: its neighbours are where it points to
    let places = tools::places(name, &versions.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    places.into_iter().map(|place| place.canonicalize().unwrap_or(place)).collect()
}

fn guard(dir: &Path) -> Result<Child> {
    let mut guard = command("sh", &["-c", GUARD, "guard", &dir.to_string_lossy()]);
    guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null());
    guard.spawn().context("the guard of the test database did not start")
}

/// PostgreSQL refuses root, so root becomes `nobody` for it.
fn as_ordinary_user(program: &Path) -> Command {
    if !tools::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

fn make(initdb: &Path, dir: &Path) -> Result<()> {
    let mut command = as_ordinary_user(initdb);
    command.current_dir(dir).arg("-D").arg(dir.join("data")).arg("--pwfile").arg(dir.join("password"));
    command.args([
        "--auth=scram-sha-256",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    output(&mut command).map(drop)
}

#[allow(clippy::disallowed_methods, reason = "nothing here is async: waiting is all there is to do")]
fn run(postgres: &Path, dir: &Path, port: u16) -> Result<()> {
    let log = fs::File::create(dir.join("log"))?;
    let mut command = as_ordinary_user(postgres);
    command.current_dir(dir).arg("-D").arg(dir.join("data")).args(["-p", &port.to_string(), "-k"]).arg(dir);
    for setting in [
        "listen_addresses=127.0.0.1",
        "max_connections=300",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "autovacuum=off",
    ] {
        command.args(["-c", setting]);
    }
    let mut child =
        command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    for _ in 0..300 {
        let ready = fs::read_to_string(dir.join("data/postmaster.pid"))
            .is_ok_and(|pid| pid.lines().any(|line| line.trim() == "ready"));
        if ready {
            return Ok(());
        }
        if child.try_wait()?.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("PostgreSQL did not start:\n{}", fs::read_to_string(dir.join("log")).unwrap_or_default())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn random_word() -> Result<String> {
    use std::io::Read as _;
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |word, byte| format!("{word}{byte:02x}")))
}

#[cfg(test)]
mod tests {
    use super::{Cluster, programs};
    use std::net::TcpStream;

    #[test]
    fn a_cluster_answers_while_it_is_held_and_leaves_nothing_behind() {
        if !programs("initdb").iter().any(|place| place.exists()) {
            return; // nothing to start here
        }
        let cluster = Cluster::start().unwrap().unwrap();
        let address = cluster.url().split(['@', '/']).nth(3).unwrap().to_owned();
        assert!(TcpStream::connect(&address).is_ok(), "{address}");
        let dir = std::env::temp_dir().join(format!("pappus-postgres-{}", std::process::id()));
        assert!(dir.join("data/postmaster.pid").exists());
        drop(cluster);
        assert!(!dir.exists());
        assert!(TcpStream::connect(&address).is_err());
    }
}
