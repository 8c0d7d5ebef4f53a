//! What is stored here under a name, with everything above it: what the verdict over a message looks at.
use super::{
    gather::raw_name,
    receive::parse_id,
    store::{self, ChildRow},
};
use crate::{Error, Result, attachment, db::Conn, person};
use pappus_federation::{entity::Kind, receive::Related};

/// Finds it, whatever kind it is of.
pub(super) async fn find(conn: &mut Conn, kind: &Kind, guid: &str) -> Result<Option<Related>> {
    match kind {
        Kind::Post => post(conn, guid).await,
        Kind::Comment => match store::comment(conn, guid).await? {
            Some(row) => child(Kind::Comment, guid, &row, None).map(Some),
            None => Ok(None),
        },
        Kind::Like => like(conn, guid).await,
        Kind::Person => match person::store::find_by_guid(conn, guid).await? {
            Some(person) => themselves(guid, &person.diaspora_id).map(Some),
            None => Ok(None),
        },
        Kind::Photo | Kind::Participation => owned(conn, kind, guid).await,
        Kind::Poll | Kind::Event => attached(conn, kind, guid).await,
        Kind::PollParticipation | Kind::EventParticipation => answer(conn, kind, guid).await,
        Kind::Other(_) => Ok(None),
    }
}

fn related(kind: Kind, guid: &str, author: &str, public: bool, parent: Option<Related>) -> Result<Related> {
    let guid = guid.parse().map_err(Error::internal)?;
    Ok(Related { kind, guid, author: parse_id(author)?, public, parent: parent.map(Box::new) })
}

/// A person as what a retraction names: they take back that they share.
pub(super) fn themselves(guid: &str, diaspora_id: &str) -> Result<Related> {
    related(Kind::Person, guid, diaspora_id, true, None)
}

async fn post(conn: &mut Conn, guid: &str) -> Result<Option<Related>> {
    let Some(row) = store::post(conn, guid).await? else { return Ok(None) };
    related(Kind::Post, guid, &row.author, row.public, None).map(Some)
}

/// What hangs on a post, or on a comment (its guid and author) of that post.
fn child(kind: Kind, guid: &str, row: &ChildRow, comment: Option<(&str, &str)>) -> Result<Related> {
    let mut parent = related(Kind::Post, &row.post_guid, &row.post_author, row.public, None)?;
    if let Some((guid, author)) = comment {
        parent = related(Kind::Comment, guid, author, row.public, Some(parent))?;
    }
    related(kind, guid, &row.author, row.public, Some(parent))
}

/// Of a post, of a comment, or a dislike that was kept as it came.
async fn like(conn: &mut Conn, guid: &str) -> Result<Option<Related>> {
    if let Some(row) = store::like(conn, guid).await? {
        return child(Kind::Like, guid, &row, None).map(Some);
    }
    if let Some(row) = store::comment_like(conn, guid).await? {
        let comment = Some((row.comment_guid.as_str(), row.comment_author.as_str()));
        return child(Kind::Like, guid, &row.child, comment).map(Some);
    }
    let Some(row) = store::raw(conn, raw_name(&Kind::Like), guid).await? else { return Ok(None) };
    let Some(above) = &row.parent_guid else { return Ok(None) };
    let Some(parent) = post(conn, above).await? else { return Ok(None) };
    related(Kind::Like, guid, &row.author, parent.public, Some(parent)).map(Some)
}

/// A photo may hang nowhere; then it is as good as public to its author.
async fn owned(conn: &mut Conn, kind: &Kind, guid: &str) -> Result<Option<Related>> {
    let row = match kind {
        Kind::Photo => store::photo(conn, guid).await?,
        _ => store::participation(conn, guid).await?,
    };
    let Some(row) = row else { return Ok(None) };
    let parent = match &row.post_guid {
        Some(above) => post(conn, above).await?,
        None => None,
    };
    let public = parent.as_ref().is_none_or(|parent| parent.public);
    related(kind.clone(), guid, &row.author, public, parent).map(Some)
}

async fn attached(conn: &mut Conn, kind: &Kind, guid: &str) -> Result<Option<Related>> {
    let Some(owner) = attachment::owner(conn, raw_name(kind), guid).await? else { return Ok(None) };
    let parent = related(Kind::Post, &owner.guid, &owner.author, owner.public, None)?;
    related(kind.clone(), guid, &owner.author, owner.public, Some(parent)).map(Some)
}

async fn answer(conn: &mut Conn, kind: &Kind, guid: &str) -> Result<Option<Related>> {
    let Some(row) = attachment::answer(conn, raw_name(kind), guid).await? else { return Ok(None) };
    let above = if *kind == Kind::PollParticipation { Kind::Poll } else { Kind::Event };
    let post = related(Kind::Post, &row.post_guid, &row.post_author, row.public, None)?;
    let parent = related(above, &row.parent_guid, &row.post_author, row.public, Some(post))?;
    related(kind.clone(), guid, &row.author, row.public, Some(parent)).map(Some)
}
