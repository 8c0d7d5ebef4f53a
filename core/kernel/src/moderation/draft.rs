//! Lists of others become drafts: an admin sees whom each line would touch, and approves or discards it.
//! Nothing is ever applied blindly.
use super::{NewBlock, Severity, block, blocklist, lineage, store, without_port};
use crate::{Error, Invalid, Pod, Result, access::Admin, id::DraftId};
use std::collections::{HashMap, HashSet};

/// The most drafts that a page shows.
pub const PAGE: i64 = 500;
const LONGEST_SOURCE: usize = 200;
/// Rows in one transaction.
const BATCH: usize = 500;

/// What came of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Imported {
    /// Lines that wait for an admin now.
    pub drafted: u64,
    /// Lines that say what a rule says already.
    pub present: u64,
    /// Lines about this pod itself.
    pub own: u64,
}

/// A line of a list with whom it would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The row.
    pub id: DraftId,
    /// The host.
    pub target: String,
    /// And everything below it.
    pub subdomains: bool,
    /// How far.
    pub severity: Severity,
    /// Their pictures would not be shown.
    pub reject_media: bool,
    /// What the list gives as its reason.
    pub reason: String,
    /// The list.
    pub source: String,
    /// What the rule about the same host says now.
    pub present: Option<Severity>,
    /// Known people there.
    pub people: i64,
    /// Contacts that members have among them.
    pub contacts: i64,
}

/// Keeps the lines of a list as drafts; a newer line about the same host replaces an older one.
pub async fn import(pod: &Pod, who: Admin, entries: &[blocklist::Entry], source: &str) -> Result<Imported> {
    if entries.len() > blocklist::MOST {
        return Err(Invalid::new("list", "too-many").into());
    }
    let source: String = source.chars().filter(|c| !c.is_control()).take(LONGEST_SOURCE).collect();
    let (own, now) = (pod.site().host(), pod.clock.now());
    let mut done = Imported::default();
    for batch in entries.chunks(BATCH) {
        let mut tx = pod.db.begin_durable().await?;
        for entry in batch {
            let Some(new) = entry.to_block() else { continue };
            match block::possible(&mut tx, &own, &new).await {
                Ok(()) => {}
                Err(Error::Invalid(_)) => {
                    done.own += 1;
                    continue;
                }
                Err(error) => return Err(error),
            }
            match store::put_draft(&mut tx, &new, &source, now).await? {
                0 => done.present += 1,
                _ => done.drafted += 1,
            }
        }
        tx.commit().await?;
    }
    tracing::info!(drafts = done.drafted, admin = ?who.user(), "a blocklist was imported as drafts");
    Ok(done)
}

/// The first drafts by name, and how many there are.
pub async fn drafts(pod: &Pod, _who: Admin) -> Result<(Vec<Draft>, i64)> {
    let mut conn = pod.db.read().await?;
    let rows = store::drafts(&mut conn, PAGE).await?;
    let count = store::count_drafts(&mut conn).await?;
    let crowds = if rows.is_empty() { Vec::new() } else { store::crowds(&mut conn).await? };
    drop(conn);
    let wide: HashSet<&str> =
        rows.iter().filter(|row| row.subdomains).map(|row| row.target.as_str()).collect();
    let mut touched: HashMap<String, (i64, i64)> = HashMap::new();
    for (host, people, contacts) in &crowds {
        let host = without_port(host);
        for name in lineage(host).filter(|name| *name == host || wide.contains(name)) {
            let sum = touched.entry(name.to_owned()).or_default();
            *sum = (sum.0 + people, sum.1 + contacts);
        }
    }
    let draft = |row: store::DraftRow| {
        let (people, contacts) = touched.get(&row.target).copied().unwrap_or_default();
        Draft {
            id: row.id,
            subdomains: row.subdomains,
            severity: Severity::of(row.severity),
            reject_media: row.reject_media,
            reason: row.reason,
            source: row.source,
            present: row.present.map(Severity::of),
            people,
            contacts,
            target: row.target,
        }
    };
    Ok((rows.into_iter().map(draft).collect(), count))
}

/// Makes rules of these drafts; says how many. One that is gone meanwhile is passed over.
pub async fn approve(pod: &Pod, who: Admin, ids: &[DraftId]) -> Result<u64> {
    let own = pod.site().host();
    let mut approved = 0;
    let mut tx = pod.db.begin_durable().await?;
    for id in ids {
        let Some(row) = store::draft(&mut tx, *id).await? else { continue };
        let new = NewBlock {
            target: row.target.parse()?,
            subdomains: row.subdomains,
            severity: Severity::of(row.severity),
            reject_media: row.reject_media,
            reject_reports: row.reject_reports,
            obfuscate: row.obfuscate,
            reason: row.reason,
            note: row.source,
        };
        block::possible(&mut tx, &own, &new).await?;
        block::put(pod, &mut tx, who, &new).await?;
        store::delete_draft(&mut tx, *id).await?;
        approved += 1;
    }
    block::apply(&mut tx).await?;
    tx.commit().await?;
    Ok(approved)
}

/// Forgets these drafts; says how many.
pub async fn discard(pod: &Pod, _who: Admin, ids: &[DraftId]) -> Result<u64> {
    let mut gone = 0;
    let mut tx = pod.db.begin_durable().await?;
    for id in ids {
        gone += store::delete_draft(&mut tx, *id).await?;
    }
    tx.commit().await?;
    Ok(gone)
}
