//! Log lines and figures. Lines go to stderr, as text or one JSON object each; figures are kept only
//! where a metrics listener asks for them.
use crate::config::{Config, LogFormat};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{fmt::Write as _, io::IsTerminal as _};
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Seconds, from a cached document to a slow peer.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Starts writing log lines as the configuration says.
pub fn log(config: &Config) {
    start(config.log_format, EnvFilter::new(quiet(&config.log_level)));
}

/// Only what went wrong, for commands that answer on stdout.
pub fn log_errors() {
    start(LogFormat::Text, EnvFilter::new("error"));
}

fn start(format: LogFormat, filter: EnvFilter) {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_span_events(FmtSpan::NONE);
    // a second subscriber (several pods in one test process) is not an error worth stopping for
    let _ = match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
        }
    };
}

/// The level for our own parts; libraries speak only when something is wrong, unless named.
fn quiet(level: &str) -> String {
    let libraries =
        ["sqlx", "hyper", "hyper_util", "h2", "rustls", "reqwest", "tower", "wasmtime", "cranelift"];
    let hushed = libraries.iter().filter(|name| !level.contains(*name));
    hushed.fold(level.to_owned(), |all, name| all + "," + *name + "=warn")
}

/// Starts keeping figures.
pub fn record() -> anyhow::Result<PrometheusHandle> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("seconds".into()), SECONDS)?;
    Ok(builder.install_recorder()?)
}

/// What the operating system says of this process, in Prometheus' usual names.
pub fn process() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let mut text = String::new();
    let mut figure = |name: &str, kind: &str, value: &str| {
        let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
    };
    if let Some(bytes) = resident(&status) {
        figure("process_resident_memory_bytes", "gauge", &bytes.to_string());
    }
    if let Some(seconds) = cpu_seconds(&stat) {
        figure("process_cpu_seconds_total", "counter", &format!("{seconds:.2}"));
    }
    figure("process_open_fds", "gauge", &files.to_string());
    text
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// User and system time. The kernel counts in hundredths of a second, whatever its own tick.
fn cpu_seconds(stat: &str) -> Option<f64> {
    // the name, in parentheses, may hold anything: the fields begin after the last one
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_read_whatever_its_name() {
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert!(process().contains("process_resident_memory_bytes "));
    }

    #[test]
    fn libraries_are_quiet_unless_named() {
        assert!(quiet("debug").contains("sqlx=warn"));
        assert!(!quiet("info,sqlx=debug").contains("sqlx=warn"));
    }
}
