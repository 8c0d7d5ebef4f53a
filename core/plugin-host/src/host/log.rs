//! The capability `log`: lines in the pod's log, so many a minute.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;

use crate::{
    bindings::{log, types},
    call::Guest,
};

const LINES: u32 = 100;
const WINDOW: Duration = Duration::from_mins(1);
const LETTERS: usize = 1000;
const FIELDS: usize = 16;

/// How many lines of this minute a plugin has written.
#[derive(Debug, Default)]
pub(crate) struct LogQuota(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    since: Option<Instant>,
    lines: u32,
    dropped: u64,
}

enum Verdict {
    Write,
    /// The first line of a new minute, after this many were dropped in the last one.
    WriteAfter(u64),
    Drop,
}

impl LogQuota {
    fn take(&self, now: Instant) -> Verdict {
        let mut window = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if window.since.is_none_or(|since| now - since > WINDOW) {
            let dropped = window.dropped;
            *window = Window { since: Some(now), lines: 1, dropped: 0 };
            return if dropped == 0 { Verdict::Write } else { Verdict::WriteAfter(dropped) };
        }
        if window.lines >= LINES {
            window.dropped += 1;
            return Verdict::Drop;
        }
        window.lines += 1;
        Verdict::Write
    }
}

impl types::Host for Guest {}

impl log::Host for Guest {
    async fn write(
        &mut self,
        level: log::Level,
        message: String,
        fields: Vec<types::Attr>,
    ) -> wasmtime::Result<()> {
        let plugin = &*self.plugin;
        match self.log.take(Instant::now()) {
            Verdict::Drop => return Ok(()),
            Verdict::WriteAfter(dropped) => {
                tracing::warn!(
                    plugin.name = plugin,
                    dropped,
                    "the plugin {plugin} wrote {dropped} lines too many"
                );
            }
            Verdict::Write => {}
        }
        let message = one_line(&message);
        let fields: Vec<_> =
            fields.iter().take(FIELDS).map(|f| one_line(&format!("{}={}", f.key, f.value))).collect();
        let fields = fields.join(" ");
        match level {
            log::Level::Debug => tracing::debug!(plugin.name = plugin, fields, "{message}"),
            log::Level::Info => tracing::info!(plugin.name = plugin, fields, "{message}"),
            log::Level::Warn => tracing::warn!(plugin.name = plugin, fields, "{message}"),
            log::Level::Error => tracing::error!(plugin.name = plugin, fields, "{message}"),
        }
        Ok(())
    }
}

/// A plugin's words must not look like lines of their own.
fn one_line(text: &str) -> String {
    text.chars().take(LETTERS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_a_hundred_lines_and_the_next_says_how_many_were_lost() {
        let (quota, now) = (LogQuota::default(), Instant::now());
        let written = (0..250).filter(|_| matches!(quota.take(now), Verdict::Write)).count();
        assert_eq!(written, 100);
        let later = now + WINDOW + Duration::from_secs(1);
        assert!(matches!(quota.take(later), Verdict::WriteAfter(150)));
        assert!(matches!(quota.take(later), Verdict::Write));
    }

    #[test]
    fn a_message_cannot_forge_a_line() {
        assert_eq!(one_line("a\nERROR b\u{1b}[0m"), "a ERROR b [0m");
    }
}
