//! `pappus serve`
use super::{Context, say};
use crate::{start, telemetry};
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(super) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    telemetry::log(&context.config);
    let mut signals =
        Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
    let running = start::start(&context.config, &context.given.environment).await?;
    announce(context, &running);
    signals.next().await;
    tracing::info!("stopping");
    tokio::select! {
        () = running.stop() => {
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
        () = signals.next() => {
            tracing::warn!("stopped at once; running jobs will be done again");
            Ok(ExitCode::FAILURE)
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The setup link goes to stdout only: log files are read by more people.
fn announce(context: &Context, running: &start::Running) {
    let config = &context.config;
    if config.file.is_none() {
        tracing::info!("no configuration file: everything is in {}", config.data.display());
    }
    if let Some(address) = running.address {
        tracing::info!("Pappus {} answers on http://{address}", pappus_kernel::VERSION);
    }
    if let Some(link) = &running.setup_link {
        say(&format!("Open  {link}  to finish. The link works once, for 24 hours."));
    }
}
