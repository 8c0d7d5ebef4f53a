//! What a plugin does by the clock, and what it tells members: `[[schedule]]` and `[[notification]]`.
use std::{collections::BTreeSet, time::Duration};

use cronexpr::Crontab;
use serde::Deserialize;

use super::{
    ManifestError,
    file::checked_line,
    parts::{few, key},
};

/// Letters of the times of one schedule.
const LONGEST_CRON: usize = 100;
const MOST_JITTER: u32 = 3600;

/// A job that comes again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The kind of job.
    pub job: String,
    /// When, as five fields of a crontab.
    pub cron: String,
    /// For each member who lets the plugin act, by their own clocks; else once for the pod, in UTC.
    pub per_member: bool,
    /// Up to so much later, by chance: that pods and members do not all come at once.
    pub jitter: Duration,
}

impl Schedule {
    /// What its next time depends on, for clocks of this zone.
    pub fn spec(&self, zone: &str) -> String {
        format!("{} {zone}", self.cron)
    }
}

/// Something that a plugin tells members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeKind {
    pub kind: String,
    /// A key of the plugin's own sentences: what it is.
    pub label: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ScheduleTable {
    job: String,
    cron: String,
    #[serde(default)]
    per_member: bool,
    #[serde(default)]
    jitter_s: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NoticeTable {
    kind: String,
    label: String,
}

/// A spec as [`Schedule::spec`] makes it; none when there is no such zone or never such a time.
pub(crate) fn times(spec: &str) -> Option<Crontab> {
    let parsed = cronexpr::parse_crontab(spec).ok()?;
    parsed.find_next(jiff::Timestamp::UNIX_EPOCH).ok()?;
    Some(parsed)
}

pub(super) fn checked_schedules(tables: Vec<ScheduleTable>) -> Result<Vec<Schedule>, ManifestError> {
    few("schedule", tables.len())?;
    let mut jobs = BTreeSet::new();
    let mut check = |table: ScheduleTable| {
        let job = key("schedule.job", table.job)?;
        if !jobs.insert(job.clone()) {
            return Err(ManifestError::new("schedule.job", "stands there twice"));
        }
        if table.jitter_s > MOST_JITTER {
            return Err(ManifestError::new("schedule.jitter-s", format!("must be at most {MOST_JITTER}")));
        }
        let (cron, per_member) = (checked_cron(&table.cron, table.per_member)?, table.per_member);
        Ok(Schedule { job, cron, per_member, jitter: Duration::from_secs(table.jitter_s.into()) })
    };
    tables.into_iter().map(&mut check).collect()
}

/// Five fields, some time that comes, and for members not more than once an hour: there are many of them.
fn checked_cron(cron: &str, per_member: bool) -> Result<String, ManifestError> {
    let wrong = |wrong: &str| Err(ManifestError::new("schedule.cron", wrong));
    let fields: Vec<&str> = cron.split_ascii_whitespace().collect();
    let cron = fields.join(" ");
    if fields.len() != 5 || cron.len() > LONGEST_CRON || times(&format!("{cron} UTC")).is_none() {
        return wrong("must be five fields such as `0 8 * * *`, for a time that comes");
    }
    let one_minute = fields.first().is_some_and(|minute| minute.bytes().all(|b| b.is_ascii_digit()));
    if per_member && !one_minute {
        return wrong("names one minute where it is for each member");
    }
    Ok(cron)
}

pub(super) fn checked_notices(tables: Vec<NoticeTable>) -> Result<Vec<NoticeKind>, ManifestError> {
    few("notification", tables.len())?;
    let mut kinds = BTreeSet::new();
    let mut check = |table: NoticeTable| {
        let kind = key("notification.kind", table.kind)?;
        if !kinds.insert(kind.clone()) {
            return Err(ManifestError::new("notification.kind", "stands there twice"));
        }
        Ok(NoticeKind { kind, label: checked_line("notification.label", table.label, 60)? })
    };
    tables.into_iter().map(&mut check).collect()
}

#[cfg(test)]
mod tests {
    use crate::plugin::Manifest;

    fn parsed(schedule: &str) -> Result<Manifest, String> {
        let text = format!(
            "[plugin]\nid='org.example.x'\nslug='x'\nname='X'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n\
             acts-for-members=true\n[hooks.job-runner]\n[[schedule]]\njob='daily'\n{schedule}\n"
        );
        Manifest::parse(&text).map_err(|error| error.at)
    }

    #[test]
    fn times_are_five_fields_for_a_time_that_comes() {
        for good in ["*/10 * * * *", "0  8 * * MON-FRI", "0 0 29 2 *"] {
            assert!(parsed(&format!("cron='{good}'")).is_ok(), "{good}");
        }
        for wrong in ["", "0 8 * *", "0 8 * * * UTC", "0 8 * * * *", "60 8 * * *", "0 0 30 2 *", "@daily"] {
            assert_eq!(parsed(&format!("cron='{wrong}'")), Err("schedule.cron".into()), "{wrong}");
        }
        assert_eq!(parsed("cron='0 8 * * *'\njitter-s=3601"), Err("schedule.jitter-s".into()));
    }

    #[test]
    fn members_are_not_seen_to_more_than_once_an_hour() {
        assert!(parsed("cron='5 * * * *'\nper-member=true").is_ok());
        for wrong in ["*/10 * * * *", "1,2 * * * *", "* 8 * * *"] {
            assert_eq!(
                parsed(&format!("cron='{wrong}'\nper-member=true")),
                Err("schedule.cron".into()),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_schedule_needs_its_hook_and_leave_of_members() {
        let head =
            "[plugin]\nid='org.example.x'\nslug='x'\nname='X'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n";
        let at = |rest: &str| Manifest::parse(&format!("{head}{rest}")).map(drop).map_err(|error| error.at);
        assert_eq!(at("[[schedule]]\njob='a'\ncron='0 8 * * *'\n"), Err("schedule".into()));
        let with_hook = "[hooks.job-runner]\n[[schedule]]\njob='a'\ncron='0 8 * * *'\n";
        assert_eq!(at(with_hook), Ok(()));
        assert_eq!(at(&format!("{with_hook}per-member=true\n")), Err("schedule.per-member".into()));
    }
}
