//! The JSON that old clients and other pods read: shapes that diaspora* gives.
use crate::{App, view};
use pappus_kernel::{
    id::Timestamp,
    media::{AlbumPhoto, Size},
    person::Person,
    relayable::like::LikeItem,
    stream::{CommentItem, Item, Reshared},
};
use serde_json::{Value, json};

/// The short form.
pub fn person(app: &App, person: &Person) -> Value {
    let view = view::person(app, person);
    let picture = view.avatar.unwrap_or_else(|| "/assets/user/default.png".into());
    json!({
        "id": person.id.0, "guid": view.guid, "name": view.name, "diaspora_id": view.handle,
        "avatar": { "small": picture, "medium": picture, "large": picture },
    })
}

/// A post of a stream, with its last comments and the viewer's own like.
pub fn post(app: &App, item: &Item) -> Value {
    let mut likes: Vec<Value> = Vec::new();
    likes.extend(item.liked.as_ref().map(|guid| json!({ "guid": guid })));
    shape(app, item, &likes)
}

/// A post with everything below it: other pods read what they miss of a thread from here.
pub fn whole_post(app: &App, item: &Item, likes: &[LikeItem]) -> Value {
    let like = |like: &LikeItem| {
        json!({
            "id": like.id.0, "guid": like.guid, "author": person(app, &like.author),
            "created_at": at(like.created_at),
        })
    };
    shape(app, item, &likes.iter().map(like).collect::<Vec<_>>())
}

fn shape(app: &App, item: &Item, likes: &[Value]) -> Value {
    json!({
        "id": item.id.0,
        "guid": item.guid,
        "public": item.public,
        "created_at": at(item.created_at),
        "interacted_at": at(item.created_at),
        "provider_display_name": item.provider,
        "text": item.text,
        "title": item.text.lines().next().unwrap_or_default(),
        "post_type": if item.reshare.is_some() { "Reshare" } else { "StatusMessage" },
        "nsfw": item.nsfw,
        "root": item.reshare.as_ref().map(|reshared| root(app, reshared)),
        "author": person(app, &item.author),
        "photos": item.photos.iter().map(|photo| photo_of(app, photo)).collect::<Vec<_>>(),
        "interactions": {
            "likes": likes,
            "reshares": [],
            "comments": item.comments.iter().map(|one| comment(app, one)).collect::<Vec<_>>(),
            "likes_count": item.likes_count,
            "comments_count": item.comments_count,
            "reshares_count": item.reshares_count,
        },
    })
}

/// What a reshare passes on; null where it is gone.
fn root(app: &App, reshared: &Reshared) -> Value {
    let Reshared::Root(root) = reshared else { return Value::Null };
    json!({
        "guid": root.guid,
        "public": true,
        "created_at": at(root.created_at),
        "text": root.text,
        "post_type": "StatusMessage",
        "nsfw": root.nsfw,
        "author": person(app, &root.author),
        "photos": root.photos.iter().map(|photo| photo_of(app, photo)).collect::<Vec<_>>(),
    })
}

fn photo_of(app: &App, photo: &pappus_kernel::stream::Photo) -> Value {
    json!({
        "dimensions": { "width": photo.width, "height": photo.height },
        "sizes": sizes(app, &photo.url),
    })
}

/// Of a picture of this pod there are several; of another's, only the one that this pod fetches.
fn sizes(app: &App, url: &str) -> Value {
    let size = |size| view::sized(app, url, size);
    json!({
        "small": size(Size::Small), "medium": size(Size::Medium), "large": size(Size::Scaled), "raw": size(Size::Full),
    })
}

/// A photo of an album.
pub fn album_photo(app: &App, author: &Person, photo: &AlbumPhoto) -> Value {
    json!({
        "id": photo.id.0,
        "guid": photo.guid,
        "created_at": at(photo.created_at),
        "author": person(app, author),
        "sizes": sizes(app, &photo.url),
        "dimensions": { "width": photo.width, "height": photo.height },
        "status_message": { "id": photo.post_id.0 },
    })
}

/// A comment.
pub fn comment(app: &App, comment: &CommentItem) -> Value {
    json!({
        "id": comment.id.0,
        "guid": comment.guid,
        "text": comment.text,
        "author": person(app, &comment.author),
        "created_at": at(comment.created_at),
    })
}

/// ISO 8601 with milliseconds.
pub fn at(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.0).map(|at| format!("{at:.3}")).unwrap_or_default()
}
