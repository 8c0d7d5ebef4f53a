//! Everything below a public post of a member, for pods like this one: each piece in the envelope of the
//! post's author, as it is sent to subscribers, so that it verifies as if it had been relayed.
use super::{serve::envelope_of, store};
use crate::{
    Error, Pod, Result,
    id::UserId,
    moderation,
    outbox::{
        self,
        store::{self as outgoing, PostRow},
    },
};
use serde::{Deserialize, Serialize};

/// A comment or a like below a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hanging {
    /// `Comment` or `Like`.
    pub kind: String,
    /// Its name.
    pub guid: String,
    /// What the post's author sends on: the element as its author signed it, in the post author's envelope.
    pub envelope: String,
}

/// A part of everything below a post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadPage {
    /// In order; what others hang on comes first.
    pub items: Vec<Hanging>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// Pieces on a page, and the bytes after which a page ends earlier.
const PAGE: i64 = 20;
const PAGE_BYTES: usize = 1024 * 1024;

/// What comes one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Comments,
    Likes,
    LikesOfComments,
}

impl Part {
    const fn letter(self) -> char {
        match self {
            Self::Comments => 'c',
            Self::Likes => 'l',
            Self::LikesOfComments => 'm',
        }
    }

    const fn next(self) -> Option<Self> {
        match self {
            Self::Comments => Some(Self::Likes),
            Self::Likes => Some(Self::LikesOfComments),
            Self::LikesOfComments => None,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Comments => "Comment",
            Self::Likes | Self::LikesOfComments => "Like",
        }
    }
}

/// Where a page begins: behind this row of that part.
fn place(after: &str) -> Result<(Part, i64)> {
    if after.is_empty() {
        return Ok((Part::Comments, 0));
    }
    let all = [Part::Comments, Part::Likes, Part::LikesOfComments];
    let found = all.into_iter().find_map(|part| Some((part, after.strip_prefix(part.letter())?)));
    let (part, row) = found.ok_or(Error::NotFound)?;
    Ok((part, row.parse().map_err(|_| Error::NotFound)?))
}

/// Everything below a public post of a member, from `after` (empty: from the beginning) on. Each piece is
/// signed when it is first asked for, and kept.
pub async fn thread_page(pod: &Pod, guid: &str, after: &str) -> Result<ThreadPage> {
    let (part, after) = place(after)?;
    let mut conn = pod.db.read().await?;
    let post = outgoing::post_by_guid(&mut conn, guid).await?.filter(|post| post.public);
    let post = post.ok_or(Error::NotFound)?;
    let user = post.user_id.ok_or(Error::NotFound)?;
    if !moderation::suspended(&mut conn, &[post.author_id]).await?.is_empty() {
        return Err(Error::NotFound);
    }
    let rows = match part {
        Part::Comments => store::comments_below(&mut conn, post.id, after, PAGE).await?,
        Part::Likes => store::likes_below(&mut conn, post.id, after, PAGE).await?,
        Part::LikesOfComments => store::comment_likes_below(&mut conn, post.id, after, PAGE).await?,
    };
    drop(conn);
    let mut more = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
    let mut page = ThreadPage::default();
    let (mut last, mut bytes) = (after, 0);
    for row in rows {
        if bytes > PAGE_BYTES {
            more = true;
            break;
        }
        last = row.id;
        match piece(pod, user, &post, &row, part).await {
            Ok(Some(envelope)) => {
                bytes += envelope.len();
                page.items.push(Hanging { kind: part.kind().into(), guid: row.guid, envelope });
            }
            Ok(None) => {}
            // one that cannot be made any more is left out
            Err(error) => tracing::debug!(guid = row.guid, %error, "a piece of a thread is not to be had"),
        }
    }
    page.next = if more {
        Some(format!("{}{last}", part.letter()))
    } else {
        part.next().map(|next| format!("{}0", next.letter()))
    };
    Ok(page)
}

/// The envelope of one piece, kept or made.
async fn piece(
    pod: &Pod,
    user: UserId,
    post: &PostRow,
    row: &store::Below,
    part: Part,
) -> Result<Option<String>> {
    if let Some(envelope) = &row.envelope {
        return Ok(Some(envelope.clone()));
    }
    let mut conn = pod.db.read().await?;
    let found = match part {
        Part::Comments => outgoing::comment(&mut conn, row.comment()).await?,
        Part::Likes => outgoing::like(&mut conn, row.like()).await?,
        Part::LikesOfComments => outgoing::comment_like(&mut conn, row.comment_like()).await?,
    };
    drop(conn);
    let Some(found) = found else { return Ok(None) };
    let xml = match part {
        Part::Comments => outbox::comment_xml(pod, &found, post).await?,
        Part::Likes | Part::LikesOfComments => outbox::like_xml(pod, &found, post).await?,
    };
    let envelope = envelope_of(pod, user, &post.author, xml).await?;
    let mut tx = pod.db.begin().await?;
    match part {
        Part::Comments => store::keep_comment_envelope(&mut tx, row.comment(), &envelope).await?,
        Part::Likes => store::keep_like_envelope(&mut tx, row.like(), &envelope).await?,
        Part::LikesOfComments => {
            store::keep_comment_like_envelope(&mut tx, row.comment_like(), &envelope).await?
        }
    };
    tx.commit().await?;
    Ok(Some(envelope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_letter_and_a_row() {
        assert_eq!(place("").unwrap(), (Part::Comments, 0));
        assert_eq!(place("c17").unwrap(), (Part::Comments, 17));
        assert_eq!(place("l0").unwrap(), (Part::Likes, 0));
        assert_eq!(place("m3").unwrap(), (Part::LikesOfComments, 3));
        for wrong in ["17", "x1", "c", "cc1", "l1x"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
