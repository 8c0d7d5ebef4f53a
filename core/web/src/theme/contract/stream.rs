//! Streams and posts: my stream, the public one, one aspect, one tag, a single post, and the composer.
use serde::Serialize;

use super::{
    Form, Message, Page,
    views::{AspectView, CommentsPart, PersonView, PostView},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamKind {
    Mine,
    Public,
    Aspects,
}

/// Which of the three choices of the audience picker is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceChoice {
    Public,
    AllAspects,
    Chosen,
}

/// A photo that was uploaded and waits for its post: fields `photos[]` and `photo_text[<id>]`.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingView {
    pub id: i64,
    /// Path on this pod.
    pub thumb: String,
    /// What it shows, in words.
    pub text: String,
}

/// Posts to `/status_messages`: `status_message[text]`, `audience` (`public`, `all_aspects`, `chosen`),
/// `aspect_ids[]`; new photos in `files[]`, those that wait in `photos[]` with `photo_text[<id>]`, or `leave_out[]`;
/// `step` (`photos`) only uploads. Errors in `form` stand under `text`, `aspect_ids` and `photos`.
#[derive(Debug, Clone, Serialize)]
pub struct Composer {
    pub audience: AudienceChoice,
    pub aspects: Vec<AspectView>,
    /// Uploaded before, not published yet.
    pub photos: Vec<WaitingView>,
    /// What plugins add.
    pub extras: Vec<Extra>,
    pub form: Form,
}

/// Fields that a plugin adds to the composer, under a heading that opens them.
#[derive(Debug, Clone, Serialize)]
pub struct Extra {
    pub label: String,
    /// Something was typed, or is wrong.
    pub open: bool,
    /// What is wrong with the whole, in words.
    pub problem: Option<String>,
    pub fields: Vec<ExtraField>,
}

/// One field, or several of a kind with one name.
#[derive(Debug, Clone, Serialize)]
pub struct ExtraField {
    pub name: String,
    pub id: String,
    pub label: String,
    pub several: bool,
    pub tick: bool,
    pub max: usize,
    /// What was typed; empty for those that wait to be filled.
    pub values: Vec<String>,
    pub problem: Option<String>,
}

impl Extra {
    fn samples() -> Vec<Self> {
        let field = |name: &str, several: bool, values: &[&str]| ExtraField {
            name: format!("x[example][one][{name}]"),
            id: format!("x-example-one-{name}"),
            label: "A field of a plugin".into(),
            several,
            tick: false,
            max: 255,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            problem: several.then(|| "Something is wrong with it.".to_owned()),
        };
        let fields =
            vec![field("question", false, &["Which?"]), field("answer", true, &["This", "That", ""])];
        let problem = Some("Something is wrong with all of it.".to_owned());
        vec![
            Self { label: "A plugin".into(), open: true, problem, fields: fields.clone() },
            Self { label: "Another".into(), open: false, problem: None, fields: vec![] },
        ]
    }
}

impl Composer {
    pub fn samples() -> Vec<Self> {
        let fresh = Self {
            audience: AudienceChoice::Chosen,
            aspects: AspectView::sample_list(),
            photos: vec![],
            extras: vec![],
            form: Form::default(),
        };
        let waiting = |id: i64, text: &str| WaitingView {
            id,
            thumb: format!("/-/media/sample/{id}"),
            text: text.into(),
        };
        let refused = Self {
            audience: AudienceChoice::Public,
            photos: vec![waiting(1, ""), waiting(2, "A \"wall\" of <b>beans</b>")],
            extras: Extra::samples(),
            form: Form::default()
                .value("text", "<b>kept</b>")
                .error("photos", "picture-pixels")
                .error("text", "too-long")
                .error("aspect_ids", "required"),
            ..fresh.clone()
        };
        vec![fresh, refused]
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct StreamPage {
    pub kind: StreamKind,
    /// With kind `aspects`: the names looked at.
    pub aspect_names: Vec<String>,
    pub composer: Option<Composer>,
    pub posts: Vec<PostView>,
    /// Path and query of the next page; none on the last one.
    pub older: Option<String>,
}

impl Page for StreamPage {
    const TEMPLATE: &'static str = "pages/stream.html";

    fn title(&self) -> Message {
        match self.kind {
            StreamKind::Mine => Message::new("stream-title-mine"),
            StreamKind::Public => Message::new("stream-title-public"),
            StreamKind::Aspects => {
                Message::new("stream-title-aspects").with("names", self.aspect_names.join(", "))
            }
        }
    }

    fn posts(&self) -> Vec<&PostView> {
        self.posts.iter().collect()
    }

    fn samples() -> Vec<Self> {
        let mut composers = Composer::samples().into_iter();
        let empty = Self {
            kind: StreamKind::Mine,
            aspect_names: vec![],
            composer: composers.next(),
            posts: vec![],
            older: None,
        };
        let full = Self {
            kind: StreamKind::Aspects,
            aspect_names: vec!["Family".into(), "Work".into()],
            posts: PostView::samples(),
            older: Some("/stream?max_time=1795435200".into()),
            composer: composers.next(),
        };
        let public = Self { kind: StreamKind::Public, composer: None, aspect_names: vec![], ..full.clone() };
        vec![empty, full, public]
    }
}

/// One post with all its comments.
#[derive(Debug, Clone, Serialize)]
pub struct PostPage {
    pub post: PostView,
    pub likers: Vec<PersonView>,
    /// A notification about it is not marked as read: `kit.seen(post)`.
    pub unread: bool,
}

impl Page for PostPage {
    const TEMPLATE: &'static str = "pages/post.html";

    fn title(&self) -> Message {
        Message::new("post-title").with("name", self.post.author.name.clone())
    }

    fn posts(&self) -> Vec<&PostView> {
        vec![&self.post]
    }

    fn samples() -> Vec<Self> {
        let likers = vec![PersonView::sample("Jun Park", "jun@meadow.example")];
        let page = |mut post: PostView| {
            post.comments.part = Some(CommentsPart {
                older: (post.comments.total > 2).then(|| format!("{}?before=1-1", post.url)),
                newest: post.mine.then(|| post.url.clone()),
            });
            Self { likers: if post.likes > 1 { likers.clone() } else { vec![] }, unread: post.mine, post }
        };
        PostView::samples().into_iter().map(page).collect()
    }
}

/// `/tags/<name>`. Following posts to `/tag_followings` (`name`), unfollowing to `/tag_followings/<id>`
/// (`_method=delete`).
#[derive(Debug, Clone, Serialize)]
pub struct TagPage {
    /// Without the number sign.
    pub tag: String,
    /// Id of the tag where I follow it.
    pub following: Option<i64>,
    pub can_follow: bool,
    pub composer: Option<Composer>,
    pub posts: Vec<PostView>,
    pub older: Option<String>,
}

impl Page for TagPage {
    const TEMPLATE: &'static str = "pages/tag.html";

    fn title(&self) -> Message {
        Message::new("tag-title").with("tag", self.tag.clone())
    }

    fn posts(&self) -> Vec<&PostView> {
        self.posts.iter().collect()
    }

    fn samples() -> Vec<Self> {
        let full = Self {
            tag: "gardening".into(),
            following: Some(4),
            can_follow: true,
            composer: None,
            posts: PostView::samples(),
            older: Some("/tags/gardening?max_time=1".into()),
        };
        let empty = Self { posts: vec![], older: None, following: None, ..full.clone() };
        vec![Self { can_follow: false, ..empty.clone() }, empty, full]
    }
}
