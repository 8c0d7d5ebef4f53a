//! Stories of the domain, each on a fresh pod on both databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod contacts;
mod conversations;
mod entities;
mod ignoring;
mod moderation;
mod notifications;
mod people;
mod pictures;
mod plugin_data;
mod plugin_settings;
mod plugin_work;
mod plugins;
mod posts;
mod relayables;
mod rendering;
mod streams;

use pappus_kernel::{
    Error, Invalid,
    access::Viewer,
    contact,
    id::{AspectId, PersonId},
    post::{self, Audience, PostText, Published},
    stream::{self, Page, Stream},
    testing::{Member, TestPod},
};

/// Puts somebody into an aspect.
async fn share(pod: &TestPod, who: &Member, aspect: AspectId, with: PersonId) {
    contact::share(pod, who.owner, aspect, with).await.unwrap();
}

async fn publish(pod: &TestPod, author: &Member, text: &str, audience: Audience) -> Published {
    let text = PostText::try_from(text.to_owned()).unwrap();
    post::publish(pod, author.owner, text, audience, None).await.unwrap()
}

async fn publish_to(pod: &TestPod, author: &Member, text: &str, aspects: &[AspectId]) -> Published {
    publish(pod, author, text, Audience::Aspects(aspects.iter().copied().collect())).await
}

async fn page(pod: &TestPod, viewer: Viewer, stream: Stream) -> Page {
    stream::page(pod, viewer, stream, None, stream::PAGE).await.unwrap()
}

/// The texts of a stream's first page.
async fn texts(pod: &TestPod, viewer: Viewer, stream: Stream) -> Vec<String> {
    page(pod, viewer, stream).await.items.into_iter().map(|item| item.text).collect()
}

async fn can_read(pod: &TestPod, viewer: Viewer, post: &Published) -> bool {
    match post::show(pod, viewer, &post.guid).await {
        Ok(shown) => shown.item.id == post.id,
        Err(Error::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "reads as a question to an answer")]
fn is_forbidden<T>(result: Result<T, Error>, why: &str) -> bool {
    matches!(result, Err(Error::Forbidden(said)) if said == why)
}

fn is_invalid<T>(result: Result<T, Error>, field: &'static str, rule: &'static str) -> bool {
    matches!(result, Err(Error::Invalid(invalid)) if invalid == Invalid::new(field, rule))
}
