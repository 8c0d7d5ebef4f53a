//! `cargo xtask up`: from a fresh clone to a running pod, with one command.

use crate::{parts, place, tools};
use anyhow::{Context as _, Result, bail};
use std::{process::Command, process::ExitCode};

struct Wanted {
    host: Option<String>,
    release: bool,
    args: Vec<String>,
}

/// Builds every part and becomes the server.
pub fn up(args: &[String]) -> Result<ExitCode> {
    let wanted = parse(args)?;
    tools::check()?;
    parts::plugins()?;
    parts::client()?;
    parts::server(wanted.release)?;
    let status = serve(&wanted).status().context("the built server did not start")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn serve(wanted: &Wanted) -> Command {
    let mut command = Command::new(place::server(wanted.release));
    command.current_dir(place::root()).arg("serve").args(&wanted.args);
    set_default(&mut command, "PAPPUS_DATA", "./pappus-data");
    set_default(&mut command, "PAPPUS_PLUGINS__DIR", &place::plugins_out().to_string_lossy());
    if let Some(host) = &wanted.host {
        // behind a TLS front that maps the name to our port
        set_default(&mut command, "PAPPUS_SERVER__BASE_URL", &format!("https://{host}"));
        set_default(&mut command, "PAPPUS_FEDERATION__ALLOW_LOOPBACK", "true");
    }
    command
}

fn set_default(command: &mut Command, name: &str, value: &str) {
    if std::env::var_os(name).is_none() {
        command.env(name, value);
    }
}

fn parse(args: &[String]) -> Result<Wanted> {
    let mut wanted = Wanted { host: None, release: false, args: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--host" => {
                wanted.host = Some(args.next().context("--host needs a name, such as pod.test")?.clone());
            }
            "--release" => wanted.release = true,
            "--" => wanted.args = args.by_ref().cloned().collect(),
            other => bail!("`up` does not know `{other}` (arguments for the server come after `--`)"),
        }
    }
    if let Some(host) = wanted.host.as_deref().filter(|host| host.rsplit('.').next() != Some("test")) {
        bail!("--host takes a name that ends in .test, which the internet cannot own: not `{host}`");
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn arguments_after_the_dashes_go_to_the_server() {
        let wanted = parse(&words("--host pod.test --release -- --log-format json")).unwrap();
        assert_eq!(wanted.host.as_deref(), Some("pod.test"));
        assert!(wanted.release);
        assert_eq!(wanted.args, ["--log-format", "json"]);
    }

    #[test]
    fn a_host_that_somebody_could_own_is_refused() {
        assert!(parse(&words("--host example.org")).is_err());
        assert!(parse(&words("--nonsense")).is_err());
    }
}
