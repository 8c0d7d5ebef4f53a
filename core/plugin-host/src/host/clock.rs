//! The capability `clock`: the pod's time, and what day it is somewhere.
use jiff::{Timestamp, civil::Time, tz::TimeZone};
use pappus_kernel::plugin::Capability;

use crate::{
    bindings::{clock, types},
    call::Guest,
};

impl clock::Host for Guest {
    async fn now(&mut self) -> wasmtime::Result<i64> {
        Ok(self.granted(Capability::Clock).map_or(0, |caller| caller.looking.pod.clock.now().0 / 1000))
    }

    async fn elapsed_us(&mut self) -> wasmtime::Result<u64> {
        // whole milliseconds: finer ones would let a plugin measure what else the machine does
        Ok(u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_mul(1000))
    }

    async fn local_date(&mut self, at: i64, timezone: String) -> wasmtime::Result<Option<types::Date>> {
        if self.granted(Capability::Clock).is_none() {
            return Ok(None);
        }
        let zoned = Timestamp::from_millisecond(at).ok().zip(TimeZone::get(&timezone).ok());
        Ok(zoned.map(|(at, zone)| {
            let date = at.to_zoned(zone).date();
            types::Date {
                year: u16::try_from(date.year()).ok(),
                month: date.month().unsigned_abs(),
                day: date.day().unsigned_abs(),
            }
        }))
    }

    async fn next_local_time(
        &mut self,
        after: i64,
        timezone: String,
        hour: u8,
        minute: u8,
    ) -> wasmtime::Result<Option<i64>> {
        if self.granted(Capability::Clock).is_none() {
            return Ok(None);
        }
        Ok(next(after, &timezone, hour, minute))
    }
}

/// The next instant at which clocks of that zone show this time; where they skip it, the next one that they show.
fn next(after: i64, timezone: &str, hour: u8, minute: u8) -> Option<i64> {
    let after = Timestamp::from_millisecond(after).ok()?;
    let zone = TimeZone::get(timezone).ok()?;
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
    let mut date = after.to_zoned(zone.clone()).date();
    for _ in 0..3 {
        let at = date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp();
        if at > after {
            return Some(at.as_millisecond());
        }
        date = date.tomorrow().ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn eight_in_the_morning_moves_with_the_season() {
        let next = |after: &str| next(ms(after), "Europe/Berlin", 8, 0);
        assert_eq!(next("2026-01-10T06:59:59Z"), Some(ms("2026-01-10T07:00:00Z")));
        assert_eq!(next("2026-01-10T07:00:00Z"), Some(ms("2026-01-11T07:00:00Z")));
        assert_eq!(next("2026-07-10T00:00:00Z"), Some(ms("2026-07-10T06:00:00Z")));
    }

    #[test]
    fn there_is_no_time_where_there_is_no_zone() {
        assert_eq!(next(0, "Nowhere/Town", 8, 0), None);
        assert_eq!(next(0, "UTC", 24, 0), None);
        assert_eq!(next(0, "UTC", 8, 60), None);
    }
}
