//! How long a failed job waits and how often it may fail, by what went wrong.
use super::{Failure, pause};
use crate::Error;
use std::time::Duration;

/// Our own storage comes back, and then everything must still be there.
const STORAGE_ATTEMPTS: i64 = 100;
const LONGEST_FOR_STORAGE: Duration = Duration::from_mins(5);
/// The last of them comes eight days after the first.
const AWAY_ATTEMPTS: i64 = 18;
/// What arrives in the wrong order is mostly put right within a minute.
const SOON: [Duration; 2] = [Duration::from_secs(15), Duration::from_mins(1)];

/// The pause before the next try; none when it is given up.
pub(super) fn next(failure: &Failure, attempts: i64, failures: i64, chance: u8) -> Option<Duration> {
    let step = usize::try_from(failures - 1).unwrap_or(0);
    match failure {
        Failure::Retry(Error::Storage(_)) => {
            let exponent = u32::try_from(failures.clamp(0, 10)).unwrap_or(0);
            let pause = Duration::from_secs(2_u64.pow(exponent)).min(LONGEST_FOR_STORAGE);
            (failures < attempts.max(STORAGE_ATTEMPTS)).then_some(pause)
        }
        Failure::Last(_) => None,
        Failure::Missing(_) => match SOON.get(step) {
            Some(soon) => Some(*soon),
            None => (failures < attempts).then(|| pause(failures - 2, chance)),
        },
        Failure::Away(_) => (failures < attempts.max(AWAY_ATTEMPTS)).then(|| pause(failures, chance)),
        _ => (failures < attempts).then(|| pause(failures, chance)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(failure: &Failure, attempts: i64) -> Vec<u64> {
        (1..=200).map_while(|n| next(failure, attempts, n, 0)).map(|pause| pause.as_secs()).collect()
    }

    #[test]
    fn each_class_of_failure_has_its_own_patience() {
        let remote = pauses(&Failure::Retry(Error::Remote("away".into())), 10);
        assert_eq!(
            (remote.len(), &remote[..3]),
            (9, &[256, 625, 1296][..]),
            "nine retries, as the reference"
        );
        let missing = pauses(&Failure::Missing(Error::Remote("no parent yet".into())), 10);
        assert_eq!((missing.len(), &missing[..4]), (9, &[15, 60, 256, 625][..]));
        let away = pauses(&Failure::Away(Error::Remote("away".into())), 10);
        assert_eq!(away.len(), 17);
        assert_eq!(away.iter().sum::<u64>() / 86_400, 8, "days");
        let storage = pauses(&Failure::Retry(Error::Storage(sqlx::Error::PoolTimedOut)), 10);
        assert_eq!((storage.len(), &storage[..3]), (99, &[2, 4, 8][..]));
        assert_eq!(storage.last(), Some(&300));
        assert_eq!(pauses(&Failure::Retry(Error::internal("ours")), 1), Vec::<u64>::new());
        assert_eq!(pauses(&Failure::Last(Error::internal("enough")), 10), Vec::<u64>::new());
    }
}
