//! Streams: ordered lists of posts for a viewer. A page takes at most three statements, however many posts
//! are on it: the posts with everything that is one per post, their last comments, and who is mentioned.
pub(crate) mod store;

use crate::{
    Error, Pod, Result,
    access::Viewer,
    id::{AspectId, CommentId, PersonId, PostId, Timestamp},
    person::Person,
    text::{self, Text, TextOf},
};
use std::{collections::HashMap, fmt, str::FromStr};

/// How many posts a page has unless somebody asks for another number.
pub const PAGE: i64 = 15;
/// The most that anybody gets.
const MOST: i64 = 100;

/// Which posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// The member's own stream; empty for a visitor.
    Home,
    /// Every public post that this pod knows.
    Public,
    /// Public posts of members of this pod.
    Local,
    /// What somebody wrote, as far as the viewer may read it.
    Person(PersonId),
    /// Posts with this tag.
    Tag(String),
    /// By people in these of the member's aspects; empty for a visitor.
    Aspects(Vec<AspectId>),
}

/// Where the next page begins: behind the post of that time and row. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    time: i64,
    row: i64,
}

impl Default for Cursor {
    /// Before everything: the first page.
    fn default() -> Self {
        Self { time: i64::MAX, row: i64::MAX }
    }
}

impl Cursor {
    /// Behind this row.
    pub const fn at(time: Timestamp, row: i64) -> Self {
        Self { time: time.0, row }
    }

    /// Everything before this second, as `max_time` means it.
    pub const fn before_second(second: i64) -> Self {
        Self { time: second.saturating_mul(1_000_000), row: 0 }
    }

    pub(crate) const fn time(self) -> i64 {
        self.time
    }

    pub(crate) const fn row(self) -> i64 {
        self.row
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.time, self.row)
    }
}

impl FromStr for Cursor {
    type Err = crate::Invalid;

    fn from_str(text: &str) -> Result<Self, crate::Invalid> {
        let number = |text: &str| text.parse::<u64>().ok().and_then(|number| i64::try_from(number).ok());
        let parts = text.split_once('-').and_then(|(time, row)| Some((number(time)?, number(row)?)));
        let (time, row) = parts.ok_or(crate::Invalid::new("before", "not-a-cursor"))?;
        Ok(Self { time, row })
    }
}

/// A picture of a post, where its author put it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Photo {
    /// Its address; of a remote pod for a remote post.
    pub url: String,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// What it shows, in words.
    pub text: String,
}

/// What a reshare passes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reshared {
    /// A public post.
    Root(Box<Root>),
    /// It was deleted, or may not be read any more.
    Gone,
}

/// A post inside a reshare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The name across pods.
    pub guid: String,
    /// Who wrote it.
    pub author: Person,
    /// As it was written.
    pub text: String,
    /// Rendered and safe.
    pub html: String,
    /// Not safe for work: the post or its author says so.
    pub nsfw: bool,
    /// As its author says.
    pub created_at: Timestamp,
    /// In order.
    pub photos: Vec<Photo>,
    /// The viewer wrote it.
    pub mine: bool,
}

/// A post as its viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The row.
    pub id: PostId,
    /// The name across pods.
    pub guid: String,
    /// Who wrote it.
    pub author: Person,
    /// As it was written.
    pub text: String,
    /// Rendered and safe.
    pub html: String,
    /// For everybody.
    pub public: bool,
    /// Not safe for work: the post or its author says so.
    pub nsfw: bool,
    /// What it was written with.
    pub provider: Option<String>,
    /// As its author says.
    pub created_at: Timestamp,
    /// How many comments there are.
    pub comments_count: i64,
    /// How many people like it.
    pub likes_count: i64,
    /// The guid of the viewer's like.
    pub liked: Option<String>,
    /// How many people passed it on.
    pub reshares_count: i64,
    /// The viewer passed it on (of a reshare: its root).
    pub reshared: bool,
    /// What it passes on; then its own text is empty.
    pub reshare: Option<Reshared>,
    /// The viewer wrote it.
    pub mine: bool,
    /// The names of the aspects it was sent to, for its author only.
    pub aspects: Vec<String>,
    /// In order.
    pub photos: Vec<Photo>,
    /// The last three, or all of them on the page of the post; oldest first.
    pub comments: Vec<CommentItem>,
}

/// A comment as its viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentItem {
    /// The row.
    pub id: CommentId,
    /// The name across pods.
    pub guid: String,
    /// Who wrote it.
    pub author: Person,
    /// As it was written.
    pub text: String,
    /// Rendered and safe.
    pub html: String,
    /// As its author says.
    pub created_at: Timestamp,
    /// How many people like it.
    pub likes_count: i64,
    /// The guid of the viewer's like.
    pub liked: Option<String>,
    /// The viewer wrote it.
    pub mine: bool,
}

/// A part of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub items: Vec<Item>,
    /// Where the next page begins; none on the last one.
    pub older: Option<Cursor>,
}

/// A page of a stream for a viewer.
pub async fn page(
    pod: &Pod,
    viewer: Viewer,
    stream: Stream,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Page> {
    let key = text::renderer_key(pod);
    let limit = limit.clamp(1, MOST);
    let mut conn = pod.db.read().await?;
    // one more than asked for tells whether there is a next page
    let slice = store::Slice { viewer, key: &key, before: before.unwrap_or_default(), limit: limit + 1 };
    let mut posts = store::posts(&mut conn, &stream, slice).await?;
    let more = posts.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if more {
        posts.pop();
    }
    let last = posts.last().map(|post| Cursor::at(post.created_at, post.id.0));
    let ids: Vec<PostId> = posts.iter().filter(|post| post.comments_count > 0).map(|post| post.id).collect();
    let comments =
        if ids.is_empty() { Vec::new() } else { store::last_comments(&mut conn, viewer, &key, &ids).await? };
    drop(conn);
    Ok(Page { items: show(pod, viewer, posts, comments).await?, older: last.filter(|_| more) })
}

/// Rows to what is shown: every text is rendered in one go.
pub(crate) async fn show(
    pod: &Pod,
    viewer: Viewer,
    mut posts: Vec<store::PostRow>,
    mut comments: Vec<store::CommentRow>,
) -> Result<Vec<Item>> {
    let limited: HashMap<PostId, bool> = posts.iter().map(|post| (post.id, !post.public)).collect();
    let mut roots: Vec<Option<store::RootRow>> =
        posts.iter().map(store::PostRow::root).collect::<Result<_>>()?;
    let post_texts = posts.iter_mut().map(|post| Text {
        of: TextOf::Post(post.id),
        text: post.text.clone(),
        limited: !post.public,
        cached: post.cached.take(),
    });
    let root_texts = roots.iter_mut().flatten().map(|root| Text {
        of: TextOf::Post(root.id),
        text: root.text.clone(),
        limited: false,
        cached: root.cached.take(),
    });
    let comment_texts = comments.iter_mut().map(|comment| Text {
        of: TextOf::Comment(comment.id),
        text: comment.text.clone(),
        limited: limited.get(&comment.post_id).copied().unwrap_or(true),
        cached: comment.cached.take(),
    });
    let texts = post_texts.chain(root_texts).chain(comment_texts).collect();
    let mut html = text::render(pod, texts).await?.into_iter();
    let post_html: Vec<String> = html.by_ref().take(posts.len()).collect();
    let root_count = roots.iter().flatten().count();
    let mut root_html = html.by_ref().take(root_count).collect::<Vec<_>>().into_iter();
    let me = viewer.ids().0;
    let mut below: HashMap<PostId, Vec<CommentItem>> = HashMap::new();
    for (row, html) in comments.into_iter().zip(html) {
        below.entry(row.post_id).or_default().push(row.shown(html, me));
    }
    posts
        .into_iter()
        .zip(post_html)
        .zip(roots)
        .map(|((row, html), root)| {
            let comments = below.remove(&row.id).unwrap_or_default();
            let root = root.map(|root| root.shown(root_html.next().unwrap_or_default(), me));
            row.shown(html, root, comments, me)
        })
        .collect()
}

impl store::CommentRow {
    fn shown(self, html: String, me: PersonId) -> CommentItem {
        CommentItem {
            id: self.id,
            guid: self.guid,
            mine: self.author.id == me,
            author: self.author,
            text: self.text,
            html,
            created_at: self.created_at,
            likes_count: self.likes_count,
            liked: self.liked,
        }
    }
}

impl store::RootRow {
    fn shown(self, html: String, me: PersonId) -> Root {
        Root {
            guid: self.guid,
            mine: self.author.is(me),
            author: self.author.into(),
            text: self.text,
            html,
            nsfw: self.nsfw,
            created_at: self.created_at,
            photos: self.photos,
        }
    }
}

impl store::PostRow {
    fn root(&self) -> Result<Option<store::RootRow>> {
        self.root.as_deref().map(|json| serde_json::from_str(json).map_err(Error::internal)).transpose()
    }

    fn shown(
        self,
        html: String,
        root: Option<Root>,
        comments: Vec<CommentItem>,
        me: PersonId,
    ) -> Result<Item> {
        let gone_or = |root: Option<Root>| root.map_or(Reshared::Gone, |root| Reshared::Root(Box::new(root)));
        Ok(Item {
            id: self.id,
            guid: self.guid,
            mine: self.author.id == me,
            author: self.author,
            text: self.text,
            html,
            public: self.public,
            nsfw: self.nsfw,
            provider: self.provider,
            created_at: self.created_at,
            comments_count: self.comments_count,
            likes_count: self.likes_count,
            liked: self.liked,
            reshares_count: self.reshares_count,
            reshared: self.reshared,
            reshare: self.is_reshare.then(|| gone_or(root)),
            aspects: serde_json::from_str(&self.aspects).map_err(Error::internal)?,
            photos: serde_json::from_str(&self.photos).map_err(Error::internal)?,
            comments,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_an_address() {
        for cursor in [Cursor::default(), Cursor::at(Timestamp(5), 7), Cursor::before_second(1_795_435_200)] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for wrong in ["", "5", "-5-7", "5--7", "x-y", "99999999999999999999-1"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
