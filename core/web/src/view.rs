//! From the kernel's values to what templates see. Addresses of other pods' pictures become paths here.
use crate::{
    App,
    locale::Lang,
    plugins,
    theme::contract::{
        Form, SafeHtml,
        stream::WaitingView,
        views::{
            AspectView, AudienceKind, AudienceView, CommentView, CommentsView, ContactView, NotificationView,
            PersonView, PhotoView, PostView, RelationView, ReshareView, RootView,
        },
    },
};
use pappus_kernel::{
    contact::{Contact, aspect::Aspect},
    id::AspectId,
    media::{self, Size, Waiting},
    notification::Notification,
    person::{Person, Relation},
    stream::{CommentItem, Item, Photo, Reshared, Root},
    text::map_images,
};
use url::Url;

/// A number that is never below zero.
pub fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Where this pod shows the picture at `url`: pictures of other pods through the media path.
pub fn picture(app: &App, url: &str) -> String {
    sized(app, url, Size::Full)
}

/// The same in another size, where it is a picture of this pod.
pub fn sized(app: &App, url: &str, size: Size) -> String {
    if url.starts_with('/') && !url.starts_with("//") {
        return url.to_owned();
    }
    match own(app, url) {
        Some(file) => {
            let name = media::parse(&file).filter(|_| size != Size::Full).map(|(_, name)| name.to_owned());
            match name {
                Some(name) => format!("{}{}{name}", media::PATH, size.prefix()),
                None => format!("{}{file}", media::PATH),
            }
        }
        None => app.media.path(url),
    }
}

/// The file of a picture that this pod keeps.
fn own(app: &App, url: &str) -> Option<String> {
    let file = url.strip_prefix(app.pod.site().url(media::PATH).as_str())?;
    media::parse(file).map(|_| file.to_owned())
}

/// A small version of what `author` shows, as far as there is one.
pub fn thumb_of(app: &App, author: &Person, url: &str) -> Option<String> {
    if author.local && own(app, url).is_some() {
        return Some(sized(app, url, Size::Large));
    }
    picture_of(app, author, url)
}

/// A photo that waits for its post.
pub fn waiting(photo: &Waiting) -> WaitingView {
    WaitingView {
        id: photo.id.0,
        thumb: format!("{}{}{}", media::PATH, Size::Medium.prefix(), photo.name),
        text: photo.text.clone(),
    }
}

/// The same for what `author` shows. A path of this pod is only a member's to name: what somebody else names
/// by a path lies on their own pod. None where that is no https address.
fn picture_of(app: &App, author: &Person, url: &str) -> Option<String> {
    if author.local {
        return Some(picture(app, url));
    }
    let (_, host) = author.diaspora_id.split_once('@')?;
    let there = Url::parse(&format!("https://{host}/")).ok()?.join(url).ok()?;
    (there.scheme() == "https").then(|| app.media.path(there.as_str()))
}

/// The picture of a pod for people without any is none: ours is nicer.
fn is_nobody(url: &str) -> bool {
    url.contains("/assets/user/default")
}

/// A member's own picture.
pub fn portrait(app: &App, url: &str) -> Option<String> {
    (!is_nobody(url)).then(|| picture(app, url))
}

/// A rendered text whose pictures come from here; without any if its author's are hidden.
pub fn html(app: &App, author: &Person, rendered: &str) -> SafeHtml {
    SafeHtml::sanitised(map_images(rendered, |url| author.pictures.then(|| picture(app, url))))
}

pub fn person(app: &App, person: &Person) -> PersonView {
    PersonView {
        guid: person.guid.clone(),
        name: person.name.clone(),
        handle: person.diaspora_id.clone(),
        url: format!("/people/{}", person.guid),
        avatar: person
            .avatar
            .as_deref()
            .filter(|url| !is_nobody(url))
            .and_then(|url| picture_of(app, person, url)),
        local: person.local,
        closed: person.closed,
        hue: PersonView::hue_of(&person.guid),
    }
}

pub fn post(app: &App, signed_in: bool, item: &Item) -> PostView {
    let mine_or_gone = match &item.reshare {
        None => item.mine,
        Some(Reshared::Root(root)) => root.mine,
        Some(Reshared::Gone) => true,
    };
    PostView {
        text: item.text.clone(),
        guid: item.guid.clone(),
        url: format!("/posts/{}", item.guid),
        author: person(app, &item.author),
        at: item.created_at.0,
        audience: AudienceView {
            kind: if item.public { AudienceKind::Public } else { AudienceKind::Limited },
            aspects: item.aspects.clone(),
        },
        html: html(app, &item.author, &item.html),
        photos: item.photos.iter().filter_map(|of| photo(app, &item.author, of)).collect(),
        nsfw: item.nsfw,
        likes: count(item.likes_count),
        liked_guid: item.liked.clone(),
        comments: CommentsView {
            total: count(item.comments_count),
            shown: item.comments.iter().map(|written| comment(app, signed_in, item.mine, written)).collect(),
            part: None,
        },
        reshares: count(item.reshares_count),
        reshared: item.reshared,
        reshare: item.reshare.as_ref().map(|reshared| reshare(app, reshared)),
        mine: item.mine,
        can_like: signed_in,
        can_reshare: signed_in && item.public && !mine_or_gone,
        can_comment: signed_in,
        comment_form: Form::default(),
    }
}

pub fn posts(app: &App, signed_in: bool, items: &[Item]) -> Vec<PostView> {
    items.iter().map(|item| post(app, signed_in, item)).collect()
}

fn reshare(app: &App, reshared: &Reshared) -> ReshareView {
    match reshared {
        Reshared::Root(it) => ReshareView { root: Some(root(app, it)) },
        Reshared::Gone => ReshareView { root: None },
    }
}

fn root(app: &App, root: &Root) -> RootView {
    RootView {
        text: root.text.clone(),
        guid: root.guid.clone(),
        url: format!("/posts/{}", root.guid),
        author: person(app, &root.author),
        at: root.created_at.0,
        html: html(app, &root.author, &root.html),
        photos: root.photos.iter().filter_map(|of| photo(app, &root.author, of)).collect(),
        nsfw: root.nsfw,
    }
}

fn photo(app: &App, author: &Person, photo: &Photo) -> Option<PhotoView> {
    let side =
        |length: Option<i64>| length.and_then(|length| u32::try_from(length).ok()).filter(|side| *side > 0);
    let url = picture_of(app, author, &photo.url)?;
    let is_own = author.local && own(app, &photo.url).is_some();
    Some(PhotoView {
        preview: if is_own { sized(app, &photo.url, Size::Scaled) } else { url.clone() },
        url,
        width: side(photo.width),
        height: side(photo.height),
        alt: photo.text.clone(),
    })
}

fn comment(app: &App, signed_in: bool, my_post: bool, comment: &CommentItem) -> CommentView {
    CommentView {
        guid: comment.guid.clone(),
        author: person(app, &comment.author),
        at: comment.created_at.0,
        html: html(app, &comment.author, &comment.html),
        likes: count(comment.likes_count),
        liked_guid: comment.liked.clone(),
        can_like: signed_in,
        can_delete: comment.mine || my_post,
    }
}

/// My aspects in their order, the chosen ones marked.
pub fn aspects(aspects: &[Aspect], chosen: impl Fn(i64) -> bool) -> Vec<AspectView> {
    let view = |(at, aspect): (usize, &Aspect)| AspectView {
        id: aspect.id.0,
        name: aspect.name.clone(),
        hue: AspectView::hue_at(at),
        people: count(aspect.people),
        chosen: chosen(aspect.id.0),
    };
    aspects.iter().enumerate().map(view).collect()
}

pub fn relation(all: &[Aspect], sharing: bool, receiving: bool, in_aspects: &[AspectId]) -> RelationView {
    let aspects = aspects(all, |id| in_aspects.contains(&AspectId(id)));
    RelationView { sharing, receiving, aspects, ignored: false }
}

pub fn relation_of(all: &[Aspect], relation_to: &Relation) -> RelationView {
    let shown = relation(all, relation_to.sharing, relation_to.receiving, &relation_to.aspects);
    RelationView { ignored: relation_to.ignored, ..shown }
}

pub fn contact(app: &App, all: &[Aspect], contact: &Contact) -> ContactView {
    let in_aspects: Vec<AspectId> = contact.aspects.iter().map(|aspect| aspect.id).collect();
    ContactView {
        person: person(app, &contact.person),
        relation: relation(all, contact.sharing, contact.receiving, &in_aspects),
    }
}

pub fn notification(app: &App, lang: Lang, notification: &Notification) -> NotificationView {
    let first = notification.actors.first();
    let path = notification.told.as_ref().and_then(|told| told.path.clone());
    let url = match (&notification.post_guid, first) {
        _ if path.is_some() => path.unwrap_or_default(),
        (Some(guid), _) => format!("/posts/{guid}"),
        (None, Some(actor)) => format!("/people/{}", actor.guid),
        (None, None) => "/notifications".into(),
    };
    let people: Vec<PersonView> =
        notification.actors.iter().take(3).map(|actor| person(app, actor)).collect();
    NotificationView {
        id: notification.id.0,
        kind: notification.kind.to_string(),
        unread: notification.unread,
        at: notification.updated_at.0,
        words: notification.told.as_ref().map(|told| plugins::told(app, lang, told, first)),
        others: notification.actors.len().saturating_sub(1) as u64,
        people,
        url,
        excerpt: notification.post_title.clone(),
    }
}
