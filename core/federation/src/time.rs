//! Points in time as the protocol writes them: UTC, whole seconds, `YYYY-MM-DDThh:mm:ssZ`.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Microseconds since the Unix epoch. What is read from the wire has whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch; the part below a second is dropped, for it never travels.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.div_euclid(1_000_000) * 1_000_000)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads every form that peers are known to send; a text without zone is taken for UTC.
    pub fn parse(text: &str) -> Option<Self> {
        // The years 1 to 9999: what four digits can say.
        Self::parse_any(text.trim())
            .filter(|time| (-62_135_596_800_000_000..253_402_300_800_000_000).contains(&time.0))
    }

    fn parse_any(text: &str) -> Option<Self> {
        let zoneless = text
            .strip_suffix(" UTC")
            .or_else(|| text.strip_suffix(" GMT"))
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(Ok(civil)) = zoneless.map(str::parse::<DateTime>) {
            return Self::from_civil(civil);
        }
        let joined = text.replacen(" +", "+", 1).replacen(" -", "-", 1);
        if let Ok(instant) = joined.parse::<jiff::Timestamp>() {
            return Some(Self::from_micros(instant.as_microsecond()));
        }
        if let Ok(civil) = text.parse::<DateTime>() {
            return Self::from_civil(civil);
        }
        if let Ok(date) = text.parse::<Date>() {
            return Self::from_civil(date.to_datetime(jiff::civil::Time::midnight()));
        }
        let rfc2822 = jiff::fmt::rfc2822::DateTimeParser::new();
        rfc2822.parse_timestamp(text).ok().map(|instant| Self::from_micros(instant.as_microsecond()))
    }

    fn from_civil(civil: DateTime) -> Option<Self> {
        let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
        Some(Self::from_micros(zoned.timestamp().as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Out of jiff's range means beyond the year 9999, which no peer could read either.
        let instant = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{}", instant.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_seen_on_the_wire_means_the_same_instant() {
        for text in [
            "2024-02-29T23:59:58Z",
            "2024-02-29 23:59:58 UTC",
            "2024-02-29 23:59:58",
            "2024-02-29T23:59:58.999Z",
            "2024-03-01T01:59:58+02:00",
            "2024-03-01 01:59:58 +0200",
            "Thu, 29 Feb 2024 23:59:58 GMT",
            "Thu, 29 Feb 2024 23:59:58 +0000",
        ] {
            let read = Timestamp::parse(text).map(|t| t.to_string());
            assert_eq!(read.as_deref(), Some("2024-02-29T23:59:58Z"), "{text}");
        }
        assert_eq!(Timestamp::parse("2024-02-29").unwrap().to_string(), "2024-02-29T00:00:00Z");
        assert_eq!(Timestamp::parse("not a date"), None);
        assert_eq!(Timestamp::parse(""), None);
    }

    #[test]
    fn fractions_round_towards_the_past() {
        assert_eq!(Timestamp::from_micros(-1).to_string(), "1969-12-31T23:59:59Z");
    }
}
