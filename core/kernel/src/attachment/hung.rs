//! Attachments as plugins see them: the element as JSON, and how people answered to it.
use super::{data, store};
use crate::{
    Error, Pod, Result,
    access::Viewer,
    db::Conn,
    id::AttachmentId,
    plugin::exchange::Hung,
    post::{self, Post},
};
use pappus_federation::{entity::StatusMessage, id::Guid, time};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A longer element is shown by no plugin: others on the page would pay for it.
const LARGEST: usize = 32 * 1024;

/// An element that a member hangs on a new post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub(crate) kind: &'static str,
    pub(crate) guid: Option<String>,
    pub(crate) xml: String,
}

impl Draft {
    /// The element's name.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }
}

/// What a plugin made, as an element under the protocol's rules; none where it breaks them.
pub fn draft(pod: &Pod, author: &str, made: &Hung) -> Result<Option<Draft>> {
    let Some(xml) = data::to_xml(&made.kind, &made.data) else { return Ok(None) };
    let author = author.parse().map_err(Error::internal)?;
    let now = time::Timestamp::from_micros(pod.clock.now().0);
    let mut message = StatusMessage::new(author, pod.new_guid(), now, true, String::new());
    if message.attach(&xml).is_err() {
        return Ok(None);
    }
    let mut all = message.attachments();
    Ok(all.pop().map(|one| Draft {
        kind: one.kind,
        guid: one.guid.as_ref().map(Guid::to_string),
        xml: one.xml,
    }))
}

/// What hangs on a page of posts, by their guids, as far as the viewer may read them, of these kinds: two
/// statements, or none.
pub async fn of_page(
    pod: &Pod,
    viewer: Viewer,
    posts: &[&str],
    kinds: &[&str],
) -> Result<BTreeMap<String, Vec<Hung>>> {
    if posts.is_empty() || kinds.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut conn = pod.db.read().await?;
    let rows = store::hung(&mut conn, viewer, posts, kinds).await?;
    let mut page: BTreeMap<String, Vec<Hung>> = BTreeMap::new();
    for (post, hung) in with_answers(&mut conn, viewer, rows).await? {
        page.entry(post).or_default().push(hung);
    }
    Ok(page)
}

/// The attachment that somebody acts on, with its post, if they may read that.
pub async fn of_action(pod: &Pod, viewer: Viewer, kind: &str, guid: &str) -> Result<Option<(Post, Hung)>> {
    let mut conn = pod.db.read().await?;
    let Some(owner) = store::owner(&mut conn, kind, guid).await? else { return Ok(None) };
    let Some(post) = post::find_readable(&mut conn, viewer, &owner.guid).await? else { return Ok(None) };
    let mut rows = store::hung(&mut conn, viewer, &[&owner.guid], &[kind]).await?;
    rows.retain(|row| row.guid.as_deref() == Some(guid));
    let hung = with_answers(&mut conn, viewer, rows).await?.pop();
    Ok(hung.map(|(_, hung)| (post, hung)))
}

async fn with_answers(
    conn: &mut Conn,
    viewer: Viewer,
    rows: Vec<store::HungRow>,
) -> Result<Vec<(String, Hung)>> {
    let ids: Vec<AttachmentId> = rows.iter().map(|row| row.id).collect();
    let counted =
        if ids.is_empty() { Vec::new() } else { store::counted(conn, &ids, viewer.ids().0).await? };
    let rows = rows.into_iter().filter(|row| row.xml.len() <= LARGEST);
    let one = |row: store::HungRow| {
        let mut data = data::of_xml(&row.xml);
        let mine = counted.iter().filter(|(id, ..)| *id == row.id);
        let (counts, chosen) = answers(mine);
        if let Some(fields) = data.as_object_mut() {
            fields.insert("answers".into(), json!({ "counts": counts, "mine": chosen }));
        }
        (row.post_guid, Hung { guid: row.guid.unwrap_or_default(), kind: row.kind, data })
    };
    Ok(rows.map(one).collect())
}

fn answers<'a>(
    counted: impl Iterator<Item = &'a (AttachmentId, String, i64, i64)>,
) -> (Map<String, Value>, Option<String>) {
    let (mut counts, mut chosen) = (Map::new(), None);
    for (_, choice, count, mine) in counted {
        counts.insert(choice.clone(), Value::from(*count));
        if *mine > 0 {
            chosen = Some(choice.clone());
        }
    }
    (counts, chosen)
}
