//! What plugins do by the clock. A row holds the next time of each schedule; whoever finds it due moves it on and
//! queues the job in one transaction, so that of several processes one does.
use std::{collections::BTreeMap, sync::Arc};

use super::{
    Enabled, Hook,
    manifest::{Schedule, times},
    work::Work,
};
use crate::{
    Pod, Result,
    db::{self, Conn, Tx},
    id::{Timestamp, UserId},
    job, sql,
};

/// Rows that one transaction sees to.
const BATCH: i64 = 200;

#[derive(Debug, sqlx::FromRow)]
struct Row {
    job: String,
    user_id: UserId,
    spec: String,
    next_at: Timestamp,
}

#[derive(Debug, sqlx::FromRow)]
struct Unplanned {
    user_id: UserId,
    timezone: String,
}

fn scheduled(pod: &Pod) -> impl Iterator<Item = Arc<Enabled>> + use<> {
    let runs = |enabled: &Arc<Enabled>| enabled.plugin.hooks().contains(&Hook::JobRunner);
    pod.plugins.enabled().into_iter().filter(runs)
}

/// Makes a row for each schedule that has none, for members too, reckons those anew whose times or whose member's
/// zone changed, and removes what is no schedule any more.
pub async fn prepare(pod: &Pod) -> Result<()> {
    for enabled in scheduled(pod) {
        forget_others(pod, &enabled).await?;
        for schedule in &enabled.plugin.manifest().schedules {
            while plan(pod, enabled.slug(), schedule).await? {}
        }
    }
    Ok(())
}

/// Queues what is due.
pub async fn start(pod: &Pod) -> Result<()> {
    for enabled in scheduled(pod) {
        if !enabled.plugin.manifest().schedules.is_empty() {
            while start_some(pod, &enabled).await? {}
        }
    }
    Ok(())
}

/// Says whether there may be more.
async fn plan(pod: &Pod, slug: &str, schedule: &Schedule) -> Result<bool> {
    let found = unplanned(&mut pod.db.read().await?, slug, schedule).await?;
    if found.is_empty() {
        return Ok(false);
    }
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let mut planned = 0;
    for one in &found {
        let spec = schedule.spec(&one.timezone);
        let Some(next) = next(pod, &spec, schedule, now) else {
            tracing::error!(plugin.name = slug, spec, "no next time of a schedule");
            continue;
        };
        put(&mut tx, slug, &schedule.job, one.user_id, (&spec, next)).await?;
        planned += 1;
    }
    tx.commit().await?;
    Ok(planned > 0 && found.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX))
}

async fn start_some(pod: &Pod, enabled: &Enabled) -> Result<bool> {
    let (slug, now) = (enabled.slug(), pod.clock.now());
    let due = due(&mut pod.db.read().await?, slug, now).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let manifest = enabled.plugin.manifest();
    let schedules: BTreeMap<&str, &Schedule> =
        manifest.schedules.iter().map(|schedule| (schedule.job.as_str(), schedule)).collect();
    let mut tx = pod.db.begin().await?;
    for row in &due {
        let schedule = schedules.get(row.job.as_str());
        let Some(next) = schedule.and_then(|schedule| next(pod, &row.spec, schedule, now)) else {
            // of another version: it would be due for ever
            drop_one(&mut tx, slug, row).await?;
            continue;
        };
        if move_on(&mut tx, slug, row, next).await? == 1 {
            let work = Work::scheduled(slug, &row.job, row.user_id);
            job::enqueue_for(&mut tx, &work, (slug, &work.key()), now, now).await?;
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(due.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX))
}

async fn drop_one(tx: &mut Tx, slug: &str, row: &Row) -> db::Result<()> {
    tx.query(sql!("DELETE FROM plugin_schedules WHERE plugin = $1 AND job = $2 AND user_id = $3"))
        .bind(slug)
        .bind(&row.job)
        .bind(row.user_id)
        .run()
        .await
        .map(drop)
}

/// The first time after `now`, and by chance up to the jitter later.
fn next(pod: &Pod, spec: &str, schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    let after = jiff::Timestamp::from_microsecond(now.0).ok()?;
    let at = times(spec)?.find_next(cronexpr::MakeTimestamp(after)).ok()?.timestamp();
    let chance = u32::from_le_bytes(pod.random());
    let jitter = schedule.jitter.mul_f64(f64::from(chance) / f64::from(u32::MAX));
    Some(Timestamp(at.as_microsecond()).plus(jitter))
}

/// In the transaction that switches a plugin on or off, or purges it: it is scheduled anew, or not any more.
pub(super) async fn forget(tx: &mut Tx, slug: &str) -> db::Result<()> {
    tx.query(sql!("DELETE FROM plugin_schedules WHERE plugin = $1")).bind(slug).run().await.map(drop)
}

/// Rows of jobs that the manifest does not schedule, or not for these people.
async fn forget_others(pod: &Pod, enabled: &Enabled) -> Result<()> {
    let slug = enabled.slug();
    let rows: Vec<(String, bool)> = pod
        .db
        .read()
        .await?
        .query(sql!("SELECT DISTINCT job, user_id <> 0 FROM plugin_schedules WHERE plugin = $1"))
        .bind(slug)
        .all()
        .await?;
    let is_planned = |(job, per_member): &(String, bool)| {
        let schedules = &enabled.plugin.manifest().schedules;
        schedules.iter().any(|schedule| schedule.job == *job && schedule.per_member == *per_member)
    };
    for (job, per_member) in rows.iter().filter(|row| !is_planned(row)) {
        let mut tx = pod.db.begin().await?;
        let other =
            sql!("DELETE FROM plugin_schedules WHERE plugin = $1 AND job = $2 AND (user_id <> 0) = $3");
        tx.query(other).bind(slug).bind(job).bind(*per_member).run().await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn unplanned(conn: &mut Conn, slug: &str, schedule: &Schedule) -> db::Result<Vec<Unplanned>> {
    let all = if schedule.per_member {
        sql!(
            "SELECT u.id AS user_id, u.timezone FROM plugin_members m
             JOIN users u ON u.id = m.user_id JOIN people p ON p.id = u.person_id
             LEFT JOIN plugin_schedules s ON s.plugin = m.plugin AND s.job = $2 AND s.user_id = m.user_id
             WHERE m.plugin = $1 AND u.locked_at IS NULL AND p.standing < 2
               AND (s.spec IS NULL OR s.spec <> CAST($3 AS TEXT) || ' ' || u.timezone)
             ORDER BY m.user_id LIMIT $4"
        )
    } else {
        sql!(
            "SELECT CAST(0 AS BIGINT) AS user_id, 'UTC' AS timezone
             WHERE NOT EXISTS (SELECT 1 FROM plugin_schedules s WHERE s.plugin = $1 AND s.job = $2 AND s.user_id = 0
                               AND s.spec = CAST($3 AS TEXT) || ' UTC')
             LIMIT $4"
        )
    };
    conn.query(all).bind(slug).bind(&schedule.job).bind(&schedule.cron).bind(BATCH).all().await
}

/// A member who took their leave back meanwhile stays out: their row of `plugin_members` decides.
async fn put(
    tx: &mut Tx,
    slug: &str,
    job: &str,
    user: UserId,
    (spec, next): (&str, Timestamp),
) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO plugin_schedules (plugin, job, user_id, spec, next_at)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
         WHERE $3 = 0 OR EXISTS (SELECT 1 FROM plugin_members m WHERE m.plugin = $1 AND m.user_id = $3)
         ON CONFLICT (plugin, job, user_id) DO UPDATE SET spec = excluded.spec, next_at = excluded.next_at
         WHERE plugin_schedules.spec <> excluded.spec"
    ))
    .bind(slug)
    .bind(job)
    .bind(user)
    .bind(spec)
    .bind(next)
    .run()
    .await
}

async fn due(conn: &mut Conn, slug: &str, now: Timestamp) -> db::Result<Vec<Row>> {
    conn.query(sql!(
        "SELECT job, user_id, spec, next_at FROM plugin_schedules WHERE plugin = $1 AND next_at <= $2
         ORDER BY next_at, job, user_id LIMIT $3"
    ))
    .bind(slug)
    .bind(now)
    .bind(BATCH)
    .all()
    .await
}

/// 0 when another process did it.
async fn move_on(tx: &mut Tx, slug: &str, row: &Row, next: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE plugin_schedules SET next_at = $5
         WHERE plugin = $1 AND job = $2 AND user_id = $3 AND next_at = $4 AND $5 > next_at"
    ))
    .bind(slug)
    .bind(&row.job)
    .bind(row.user_id)
    .bind(row.next_at)
    .bind(next)
    .run()
    .await
}
