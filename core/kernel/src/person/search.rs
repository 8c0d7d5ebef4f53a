//! Finding people that this pod knows.
use super::{Person, store};
use crate::{Pod, Result, access::Owner};

const RESULTS: i64 = 15;

/// Known people whose name, a word of it, or diaspora* ID begins with `q`.
pub async fn search(pod: &Pod, who: Owner, q: &str) -> Result<Vec<Person>> {
    let q = q.trim().trim_start_matches('@').to_lowercase();
    if q.is_empty() {
        return Ok(Vec::new());
    }
    let prefix = format!("{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let word = format!("% {prefix}");
    Ok(store::search(&mut pod.db.read().await?, who.user(), &prefix, &word, RESULTS).await?)
}
