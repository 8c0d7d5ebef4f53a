//! Birthdays: tells members in the morning which of their contacts have their birthday. The pod knows whom a member
//! may know that of; this knows the calendar.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod calendar;
mod tell;

use pappus_plugin_sdk::{
    CallContext, ErrorCode, Failure, JobRunner, clock,
    jobs::{Job, Outcome},
    notifications,
    people::{self, Filter},
};
use serde::Deserialize;

/// People of one page, and so notices of one call.
const PAGE: u32 = 100;

/// All hooks of the plugin.
pub struct Birthdays;

/// Whose morning it is.
#[derive(Deserialize)]
struct Morning {
    user: u64,
}

impl JobRunner for Birthdays {
    fn run(context: &CallContext, job: &Job) -> Result<Outcome, Failure> {
        let Ok(morning) = serde_json::from_str::<Morning>(&job.payload) else {
            return Err(failure(ErrorCode::Invalid, "the payload names no member"));
        };
        let Some(today) = clock::local_date(clock::now(), &context.timezone) else {
            return Err(failure(ErrorCode::Unavailable, "no calendar"));
        };
        for (month, day) in calendar::days_of(today) {
            tell_of(morning.user, &Filter::BirthdayOn((month, day)), today)?;
        }
        Ok(Outcome::Done)
    }
}

fn tell_of(member: u64, filter: &Filter, today: clock::Date) -> Result<(), Failure> {
    let mut cursor = None;
    loop {
        let (found, next) = people::contacts(member, filter, cursor, PAGE)?;
        let notices: Vec<_> =
            found.iter().filter_map(|profile| tell::notice(member, profile, today)).collect();
        if !notices.is_empty() {
            notifications::send(&notices)?;
        }
        if next.is_none() {
            return Ok(());
        }
        cursor = next;
    }
}

fn failure(code: ErrorCode, message: &str) -> Failure {
    Failure { code, message: message.to_owned(), retry_after_ms: None }
}

pappus_plugin_sdk::job_runner!(Birthdays);
