//! The parts that pages are made of: people, posts, comments, aspects, contacts, notifications.
use serde::Serialize;

use super::{Form, SafeHtml};

/// The moment at which all samples are looked at: 2026-11-23 12:00 UTC.
pub const SAMPLE_NOW: i64 = 1_795_435_200_000_000;
const MINUTE: i64 = 60_000_000;

#[derive(Debug, Clone, Serialize)]
pub struct PersonView {
    pub guid: String,
    pub name: String,
    /// The diaspora* ID.
    pub handle: String,
    /// Path of the profile: `/people/<guid>` or `/u/<name>`.
    pub url: String,
    /// Path of the picture on this pod (never a foreign address).
    pub avatar: Option<String>,
    pub local: bool,
    /// The account is closed: what they said stays, they do not.
    pub closed: bool,
    /// 1 to 8, from the guid: the colour that stands for this person.
    pub hue: u8,
}

impl PersonView {
    /// The colour of a person: the same on every pod, since guids are.
    pub fn hue_of(guid: &str) -> u8 {
        let sum = guid.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        u8::try_from(sum % 8).unwrap_or(0) + 1
    }

    pub fn sample(name: &str, handle: &str) -> Self {
        let guid = format!("{:x<32}", handle.split('@').next().unwrap_or("x"));
        Self {
            url: format!("/people/{guid}"),
            hue: Self::hue_of(&guid),
            guid,
            name: name.into(),
            handle: handle.into(),
            avatar: None,
            local: handle.ends_with("meadow.example"),
            closed: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AudienceKind {
    Public,
    Limited,
}

#[derive(Debug, Clone, Serialize)]
pub struct AudienceView {
    pub kind: AudienceKind,
    /// Names of the chosen aspects: filled for the author only.
    pub aspects: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct PhotoView {
    /// Path on this pod (media path).
    pub url: String,
    /// The same in the size of a stream, where there is one.
    pub preview: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub alt: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct CommentView {
    pub guid: String,
    pub author: PersonView,
    pub at: i64,
    pub html: SafeHtml,
    pub likes: u64,
    /// Guid of my own like.
    pub liked_guid: Option<String>,
    pub can_like: bool,
    /// Written by me, or below my post.
    pub can_delete: bool,
}

/// The public post that a reshare passes on.
#[derive(Debug, Clone, Serialize)]
pub struct RootView {
    /// As it was written: for plugins, not for themes.
    #[serde(skip)]
    pub text: String,
    pub guid: String,
    /// `/posts/<guid>`
    pub url: String,
    pub author: PersonView,
    pub at: i64,
    pub html: SafeHtml,
    pub photos: Vec<PhotoView>,
    pub nsfw: bool,
}

/// What a reshare passes on; no root where that was deleted.
#[derive(Debug, Clone, Serialize)]
pub struct ReshareView {
    pub root: Option<RootView>,
}

#[derive(Debug, Clone, Serialize)]
pub struct CommentsView {
    pub total: u64,
    /// Oldest first; in streams the last three.
    pub shown: Vec<CommentView>,
    /// On the post's own page; none in streams.
    pub part: Option<CommentsPart>,
}

/// Which part of many comments a page shows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CommentsPart {
    /// Path and query of the comments before these.
    pub older: Option<String>,
    /// Path of the newest, where this page does not show them.
    pub newest: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own in the template")]
pub struct PostView {
    /// As it was written: for plugins, not for themes.
    #[serde(skip)]
    pub text: String,
    pub guid: String,
    /// `/posts/<guid>`
    pub url: String,
    pub author: PersonView,
    pub at: i64,
    pub audience: AudienceView,
    pub html: SafeHtml,
    pub photos: Vec<PhotoView>,
    pub nsfw: bool,
    pub likes: u64,
    /// Guid of my own like.
    pub liked_guid: Option<String>,
    pub comments: CommentsView,
    pub reshares: u64,
    /// I passed it on (of a reshare: its root).
    pub reshared: bool,
    /// Where this post passes on another one; then it has no text of its own.
    pub reshare: Option<ReshareView>,
    pub mine: bool,
    pub can_like: bool,
    /// Posts to `/reshares` (`root_guid`).
    pub can_reshare: bool,
    pub can_comment: bool,
    /// A comment that was refused: field `text`.
    pub comment_form: Form,
}

#[derive(Debug, Clone, Serialize)]
pub struct AspectView {
    pub id: i64,
    pub name: String,
    pub hue: u8,
    pub people: u64,
    /// In a form: ticked. In a rail: the one being looked at.
    pub chosen: bool,
}

impl AspectView {
    /// The colour of an aspect, by its place in the list.
    pub fn hue_at(position: usize) -> u8 {
        u8::try_from(position % 8).unwrap_or(0) + 1
    }

    pub fn sample_list() -> Vec<Self> {
        ["Family", "Climbing club & friends", "Work"]
            .iter()
            .enumerate()
            .map(|(at, name)| Self {
                id: i64::try_from(at).unwrap_or(0) + 1,
                name: (*name).into(),
                hue: Self::hue_at(at * 3),
                people: at as u64 * 4,
                chosen: at == 0,
            })
            .collect()
    }
}

/// Somebody and me.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RelationView {
    /// They share with me.
    pub sharing: bool,
    /// I share with them.
    pub receiving: bool,
    /// All my aspects, those with this person `chosen`.
    pub aspects: Vec<AspectView>,
    /// I ignore them: then neither shares with the other.
    pub ignored: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct ContactView {
    pub person: PersonView,
    pub relation: RelationView,
}

/// What happened. The sentence is `notification-<kind>` with `$name`, `$others` and `$post`.
#[derive(Debug, Clone, Serialize)]
pub struct NotificationView {
    pub id: i64,
    /// `comment_on_post`, `also_commented`, `liked`, `liked_comment`, `mentioned`, `mentioned_in_comment`,
    /// `reshared`, `started_sharing`, `plugin`.
    pub kind: String,
    pub unread: bool,
    pub at: i64,
    /// The whole sentence, where `kind` is `plugin`: it is the plugin's own.
    pub words: Option<String>,
    /// Newest first; at least one, unless a plugin tells of nobody.
    pub people: Vec<PersonView>,
    /// People who did the same and are not in `people`.
    pub others: u64,
    /// Where it happened: the post or the profile.
    pub url: String,
    /// First words of the post, plain text.
    pub excerpt: Option<String>,
}

impl CommentView {
    pub fn sample(name: &str, html: &str) -> Self {
        Self {
            guid: format!("c{:0<31}", name.to_lowercase()),
            author: PersonView::sample(name, &format!("{}@elsewhere.example", name.to_lowercase())),
            at: SAMPLE_NOW - 7 * MINUTE,
            html: SafeHtml::sanitised(html),
            likes: 0,
            liked_guid: None,
            can_like: true,
            can_delete: false,
        }
    }
}

impl PostView {
    /// A post that most others are variations of.
    pub fn sample(guid: &str) -> Self {
        let guid = format!("{guid:0<32}");
        let comment = |name: &str, html: &str| {
            let comment = CommentView::sample(name, html);
            CommentView { guid: format!("{}-{}", comment.guid, guid.trim_end_matches('0')), ..comment }
        };
        let shown = vec![
            comment("Tomas", "<p>Me please! Two bunches.</p>"),
            CommentView {
                can_delete: true,
                likes: 3,
                liked_guid: Some("2".repeat(32)),
                ..comment("Robin", "<p>Saturday market as usual?</p>")
            },
        ];
        Self {
            text: String::new(),
            url: format!("/posts/{guid}"),
            guid,
            author: PersonView::sample("Alia Okafor", "alia@garden.example"),
            at: SAMPLE_NOW - 12 * MINUTE,
            audience: AudienceView { kind: AudienceKind::Public, aspects: vec![] },
            html: SafeHtml::sanitised(
                "<p>First frost on the allotment. The last dandelions went to seed just in time, so \
                 <a href=\"/tags/gardening\" class=\"tag\">#gardening</a> friends: who wants kale?</p>",
            ),
            photos: vec![],
            nsfw: false,
            likes: 14,
            liked_guid: Some("1".repeat(32)),
            comments: CommentsView { total: 2, shown, part: None },
            reshares: 2,
            reshared: false,
            reshare: None,
            mine: false,
            can_like: true,
            can_reshare: true,
            can_comment: true,
            comment_form: Form::default(),
        }
    }

    /// Every state a post can be in.
    pub fn samples() -> Vec<Self> {
        let plain = Self::sample("a");
        let limited = Self {
            author: PersonView::sample("Jun Park", "jun@meadow.example"),
            audience: AudienceView {
                kind: AudienceKind::Limited,
                aspects: vec!["Family".into(), "Climbing club & friends".into()],
            },
            html: SafeHtml::sanitised(
                "<h2>Spring plans</h2><p>Where should the club climb?</p><ul><li>Arco</li><li>Frankenjura</li></ul>\
                 <pre><code>a very long line of code that has to scroll by itself and must not push the page to the side</code></pre>\
                 <blockquote><p>Either is fine.</p></blockquote>\
                 <table><thead><tr><th>Day</th><th>Place</th></tr></thead><tbody><tr><td>Sat</td><td>Arco</td></tr></tbody></table>",
            ),
            mine: true,
            reshares: 0,
            can_reshare: false,
            likes: 0,
            liked_guid: None,
            comments: CommentsView { total: 0, shown: vec![], part: None },
            at: SAMPLE_NOW - 125 * MINUTE,
            ..Self::sample("b")
        };
        let pictures = Self {
            photos: (0..3)
                .map(|at| PhotoView {
                    url: format!("/-/media/sample/{at}"),
                    preview: format!("/-/media/sample/{at}"),
                    width: Some(640),
                    height: Some(480),
                    alt: if at == 0 { "Frost on kale".into() } else { String::new() },
                })
                .collect(),
            at: SAMPLE_NOW - 3 * 24 * 60 * MINUTE,
            comments: CommentsView { total: 9, ..Self::sample("c").comments },
            comment_form: Form::default().value("text", "x".repeat(40)).error("text", "too-long"),
            ..Self::sample("c")
        };
        let shielded = Self {
            nsfw: true,
            can_like: false,
            can_reshare: false,
            can_comment: false,
            reshares: 0,
            likes: 1,
            liked_guid: None,
            at: SAMPLE_NOW - 400 * 24 * 60 * MINUTE,
            author: PersonView::sample(&"Longname".repeat(12), "someone@a-very-long-host-name.example.org"),
            html: SafeHtml::sanitised(format!("<p>{}</p>", "Dandelion".repeat(30))),
            comments: CommentsView { total: 0, shown: vec![], part: None },
            ..Self::sample("d")
        };
        let root = RootView {
            text: String::new(),
            guid: "f".repeat(32),
            url: format!("/posts/{}", "f".repeat(32)),
            author: PersonView { closed: true, ..PersonView::sample("Jun Park", "jun@meadow.example") },
            at: SAMPLE_NOW - 90 * MINUTE,
            html: SafeHtml::sanitised("<p>Seed swap on Sunday, <strong>bring jars</strong>.</p>"),
            photos: pictures.photos.clone(),
            nsfw: false,
        };
        let passed_on = Self {
            html: SafeHtml::sanitised(""),
            reshare: Some(ReshareView { root: Some(root.clone()) }),
            reshared: true,
            comments: CommentsView { total: 0, shown: vec![], part: None },
            ..Self::sample("e")
        };
        let hidden = Self {
            reshare: Some(ReshareView { root: Some(RootView { nsfw: true, ..root }) }),
            ..Self { guid: format!("{:0<32}", "e2"), ..passed_on.clone() }
        };
        let gone = Self {
            guid: format!("{:0<32}", "e3"),
            reshare: Some(ReshareView { root: None }),
            can_reshare: false,
            reshared: false,
            reshares: 0,
            ..passed_on.clone()
        };
        vec![plain, limited, pictures, shielded, passed_on, hidden, gone]
    }
}

impl RelationView {
    /// Stranger, one way, other way, mutual, ignored.
    pub fn samples() -> Vec<Self> {
        let mut none = AspectView::sample_list();
        for aspect in &mut none {
            aspect.chosen = false;
        }
        let known =
            [(false, false), (true, false), (false, true), (true, true)].map(|(sharing, receiving)| Self {
                sharing,
                receiving,
                aspects: if receiving { AspectView::sample_list() } else { none.clone() },
                ignored: false,
            });
        let ignored = Self { aspects: none, ignored: true, ..Self::default() };
        known.into_iter().chain([ignored]).collect()
    }
}

impl NotificationView {
    /// Every kind, read and unread, one person and many.
    pub fn samples() -> Vec<Self> {
        let kinds = [
            "comment_on_post",
            "also_commented",
            "liked",
            "liked_comment",
            "mentioned",
            "mentioned_in_comment",
            "reshared",
            "started_sharing",
            "plugin",
        ];
        kinds
            .iter()
            .zip(0i64..)
            .map(|(kind, at)| Self {
                id: at + 1,
                kind: (*kind).into(),
                unread: at % 2 == 0,
                at: SAMPLE_NOW - (at * at * 600 + 3) * MINUTE,
                words: (*kind == "plugin").then(|| "The <kettle> is ready.".into()),
                people: vec![PersonView::sample("Alia Okafor", "alia@garden.example")],
                others: u64::try_from(at % 3).unwrap_or(0),
                url: "/posts/a0000000000000000000000000000000".into(),
                excerpt: (!matches!(*kind, "started_sharing" | "plugin"))
                    .then(|| "First frost on the <allotment>".into()),
            })
            .collect()
    }
}
