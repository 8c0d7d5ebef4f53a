//! Pictures of other pods: shown through this pod, and only where they really are.
use axum::{
    Router,
    http::{StatusCode, header},
    routing::get,
};
use pappus_kernel::{
    db::Tx,
    id::PersonId,
    post::{self, NewPhoto, NewPost},
};
use pappus_tests::{Running, TwoPods};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest of a picture";

/// A public post of somebody on `pics.test`, with one photo; gives its path.
async fn post_with_photo(pod: &Running, author: PersonId, name: &str, path: &str) -> String {
    let guid = pod.pod.new_guid().to_string();
    let photo = NewPhoto {
        guid: pod.pod.new_guid().to_string(),
        public: true,
        post_guid: None,
        remote_path: path.into(),
        remote_name: name.into(),
        text: String::new(),
        width: None,
        height: None,
        created_at: pappus_kernel::testing::START,
        edited_at: None,
    };
    let new = NewPost {
        guid: guid.clone(),
        author,
        text: "look".into(),
        public: true,
        provider: None,
        created_at: pappus_kernel::testing::START,
        photos: vec![photo],
        mentioned: vec![],
        recipient: None,
    };
    let mut tx: Tx = pod.pod.db.begin().await.unwrap();
    assert!(post::receive(&mut tx, new, pappus_kernel::testing::START).await.unwrap().is_some());
    tx.commit().await.unwrap();
    format!("/posts/{guid}")
}

fn gallery() -> Router {
    Router::new()
        .route("/good.png", get(|| async { ([(header::CONTENT_TYPE, "text/html")], PNG) }))
        .route("/evil.svg", get(|| async { ([(header::CONTENT_TYPE, "image/png")], "<svg onload='x'/>") }))
        .route("/gone.png", get(|| async { (StatusCode::NOT_FOUND, "gone") }))
}

fn asked(pods: &TwoPods, name: &str) -> usize {
    pods.wire.sent.lock().unwrap().iter().filter(|(url, _)| url.ends_with(name)).count()
}

#[tokio::test]
async fn a_picture_of_another_pod_is_only_shown_through_the_signed_path() {
    TwoPods::on_both(async |pods| {
        pods.wire.host("pics.test", gallery());
        let author = pods.left.pod.remote("pia@pics.test").await;
        let mut alice = pods.left.sign_up("alice").await;
        let page =
            alice.get(&post_with_photo(&pods.left, author, "good.png", "https://pics.test/").await).await;
        page.shows("src=\"/-/media/").hides("src=\"https://pics.test");
        let text = page.text();
        let (_, rest) = text.split_once("src=\"/-/media/").unwrap();
        let path = format!("/-/media/{}", rest.split('"').next().unwrap());
        for _ in 0..3 {
            let picture = pods.left.browser().get(&path).await;
            assert_eq!((picture.status, picture.body.as_slice()), (StatusCode::OK, PNG));
            assert_eq!(picture.header("content-type"), "image/png", "by its bytes, not by what it says");
            assert_eq!(picture.header("content-security-policy"), "sandbox; default-src 'none'");
        }
        assert_eq!(asked(&pods, "/good.png"), 1, "it is kept");

        // the same address with one sign of its signature changed, and one that nobody signed
        let flip = if path.ends_with('A') { "B" } else { "A" };
        let other = format!("{}{flip}", path.split_at(path.len() - 1).0);
        let mac = path.split('/').nth(3).unwrap();
        let wrong = path.replacen(mac, &"0".repeat(mac.len()), 1);
        for forged in
            [other.as_str(), &wrong, "/-/media/00000000000000000000000000000000/aHR0cDovLzEyNy4wLjAuMS8"]
        {
            assert_eq!(alice.get(forged).await.status, StatusCode::NOT_FOUND, "{forged}");
        }
        assert_eq!(asked(&pods, "/good.png"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_cannot_be_had_is_asked_for_once() {
    TwoPods::on_both(async |pods| {
        pods.wire.host("pics.test", gallery());
        let here = pods.left.pod.remote("pia@pics.test").await;
        let gone = pods.left.pod.remote("pit@no-such-host.test").await;
        for (author, host, name) in [
            (here, "pics.test", "gone.png"),
            (here, "pics.test", "evil.svg"),
            (gone, "no-such-host.test", "x.png"),
        ] {
            let post = post_with_photo(&pods.left, author, name, &format!("https://{host}/")).await;
            let page = pods.left.browser().get(&post).await.text();
            let (_, rest) = page.split_once("src=\"/-/media/").unwrap();
            let path = format!("/-/media/{}", rest.split('"').next().unwrap());
            for _ in 0..4 {
                assert_eq!(pods.left.browser().get(&path).await.status, StatusCode::NOT_FOUND, "{name}");
            }
        }
        assert_eq!((asked(&pods, "/gone.png"), asked(&pods, "/evil.svg")), (1, 1));
        assert_eq!(pods.wire.failed.lock().unwrap().len(), 1, "a host that is not there either");
    })
    .await;
}

#[tokio::test]
async fn a_path_in_a_photo_of_another_pod_is_none_of_ours() {
    TwoPods::on_both(async |pods| {
        let author = pods.left.pod.remote("pia@pics.test").await;
        let mut alice = pods.left.sign_up("alice").await;
        for (path, name) in
            [("/users/", "sign_out"), ("users/", "sign_out"), ("//left.test/users/", "sign_out")]
        {
            let page = alice.get(&post_with_photo(&pods.left, author, name, path).await).await;
            page.shows("src=\"/-/media/").hides("src=\"/users/sign_out").hides("src=\"users/sign_out");
        }
        // not even through the media path, where it is no https
        let page = alice.get(&post_with_photo(&pods.left, author, "a.png", "http://pics.test/").await).await;
        page.shows("look").hides("class=\"photos");
        alice.get("/stream").await.shows("<main");
    })
    .await;
}
