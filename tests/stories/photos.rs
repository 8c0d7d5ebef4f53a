//! Photos of members, from the form of the page to the other pod.
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use pappus_kernel::{sql, testing::on_both};
use pappus_tests::{Answer, Browser, Running, TwoPods};
use std::io::Cursor;

const HTML: &str = "text/html";
const JSON: &str = "application/json";

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let image = RgbImage::from_pixel(width, height, Rgb([90, 140, 40]));
    DynamicImage::from(image).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// The ends of the addresses of pictures on a page.
fn addresses(page: &Answer) -> Vec<String> {
    let text = page.text();
    let after = text.split("src=\"/uploads/images/").skip(1);
    after.map(|rest| format!("/uploads/images/{}", rest.split('"').next().unwrap())).collect()
}

async fn uploaded(browser: &mut Browser, file: &[u8]) -> String {
    let answer = browser.post_files("/photos", &[], &[("files[]", file)], JSON).await;
    assert!(answer.text().contains("\"success\":true"), "{}", answer.text());
    answer.after("\"id\":").unwrap().chars().take_while(char::is_ascii_digit).collect()
}

#[tokio::test]
async fn a_photo_arrives_on_the_other_pod_with_its_size_and_its_words() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut bob = pods.right.sign_up("bob").await;
        bob.share_with("alice@left.test", "Friends").await;
        pods.settle().await;

        let id = uploaded(&mut alice, &png(800, 400)).await;
        let (words, text) = (format!("photo_text[{id}]"), "A wall of   beans \"<b>");
        let form =
            [("photos[]", id.as_str()), (&words, text), ("audience", "public"), ("status_message[text]", "")];
        let answer = alice.post_files("/status_messages", &form, &[("files[]", &png(30, 20))], HTML).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        pods.settle().await;

        let page = bob.get("/stream").await;
        page.shows("A wall of beans &quot;&lt;b&gt;")
            .shows("width=\"800\" height=\"400\"")
            .shows("width=\"30\" height=\"20\"");
        page.shows("src=\"/-/media/").hides("left.test/uploads");
        let stored = pods.right.pod.count(sql!(
            "SELECT COUNT(*) FROM photos WHERE remote_path = 'https://left.test/uploads/images/'
               AND public AND width IN (800, 30) AND post_id IS NOT NULL"
        ));
        assert_eq!(stored.await, 2);

        // and it is there to be seen, through bob's own pod and in the sizes that pods make up themselves
        let shown = page.after("src=\"/-/media/").unwrap();
        let rest = page
            .text()
            .split_once(&format!("/-/media/{shown}/"))
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let through = bob.get(&format!("/-/media/{shown}/{rest}")).await;
        assert_eq!((through.status, through.header("content-type")), (StatusCode::OK, "image/webp"));
        let own = alice.get("/stream").await;
        let first = addresses(&own).into_iter().find(|path| path.contains("scaled_full_")).unwrap();
        for size in ["", "thumb_small_", "thumb_medium_", "thumb_large_", "scaled_full_"] {
            let picture = pods.left.browser().get(&first.replace("scaled_full_", size)).await;
            assert_eq!(
                (picture.status, picture.header("content-type")),
                (StatusCode::OK, "image/webp"),
                "{size}"
            );
            assert_eq!(picture.header("x-content-type-options"), "nosniff");
            assert_eq!(picture.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(picture.header("vary"), "", "one for all readers");
        }

        // taken back, it is gone on both
        let album = alice.get(&format!("/people/{}/photos", guid_of(&own))).await;
        let photo = album.shows("class=\"album\"").after("action=\"/photos/").unwrap();
        let gone = alice.post(&format!("/photos/{photo}"), &[("_method", "delete")]).await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        assert_eq!(pods.right.pod.count(sql!("SELECT COUNT(*) FROM photos")).await, 1);
        assert_eq!(pods.left.pod.media.count().await, 5);
    })
    .await;
}

/// Of the first author on a page.
fn guid_of(page: &Answer) -> String {
    page.after("class=\"post-face\" href=\"/people/").unwrap()
}

#[tokio::test]
async fn a_limited_photo_reaches_its_audience_on_the_other_pod_and_no_member_besides() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let (mut bob, mut eve) = (pods.right.sign_up("bob").await, pods.left.sign_up("eve").await);
        alice.share_with("bob@right.test", "Friends").await;
        pods.settle().await;
        bob.share_with("alice@left.test", "Friends").await;
        pods.settle().await;
        let friends = alice.aspect("Friends").await;
        let form = [("status_message[text]", "for friends"), ("aspect_ids[]", friends.as_str())];
        let answer = alice.post_files("/status_messages", &form, &[("files[]", &png(40, 40))], HTML).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        pods.settle().await;
        bob.get("/stream").await.shows("for friends").shows("src=\"/-/media/");
        let path =
            addresses(&alice.get("/stream").await).into_iter().find(|path| path.contains("scaled")).unwrap();
        let seen = alice.get(&path).await;
        assert_eq!((seen.status, seen.header("cache-control")), (StatusCode::OK, "private, no-store"));
        assert_eq!(eve.get(&path).await.status, StatusCode::NOT_FOUND);
        let remote = pods.left.browser().get(&path).await;
        assert_eq!((remote.status, remote.header("cache-control")), (StatusCode::OK, "private, no-store"));
        eve.get(&format!("/people/{}/photos", guid_of(&alice.get("/stream").await)))
            .await
            .hides("/uploads/images/");
    })
    .await;
}

#[tokio::test]
async fn no_mistake_with_a_file_costs_the_text_or_the_other_photos() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let friends = alice.aspect("Friends").await;
        let form = [("status_message[text]", "my long words"), ("aspect_ids[]", friends.as_str())];
        let files: [(&str, &[u8]); 3] =
            [("files[]", &png(9, 9)), ("files[]", b"<svg/>"), ("files[]", &png(9, 9))];
        let answer = alice.post_files("/status_messages", &form, &files, HTML).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = answer.text();
        assert!(text.contains("my long words") && text.contains("JPEG, PNG, GIF or WebP"), "{text}");
        assert_eq!(text.matches("name=\"photos[]\"").count(), 2, "the good ones wait");
        assert!(text.contains("id=\"photos-problem\""), "it is said at the field");

        // nothing but a choice of files: the form comes back to take their descriptions
        let step = [("status_message[text]", "my long words"), ("step", "photos"), ("audience", "public")];
        let answer = alice.post_files("/status_messages", &step, &[("files[]", &png(9, 9))], HTML).await;
        answer.shows("my long words").shows("name=\"photo_text[");
        let id = answer.after("name=\"photos[]\" value=\"").unwrap();
        let described = format!("photo_text[{id}]");
        let form = [
            ("photos[]", id.as_str()),
            (&described, "Kale"),
            ("leave_out[]", &id),
            ("audience", "public"),
            ("status_message[text]", ""),
        ];
        let answer = alice.post_files("/status_messages", &form, &[], HTML).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "neither words nor photos are left");

        // a session that ended in between
        let mut gone = running.browser();
        let form = [("status_message[text]", "kept words"), ("photos[]", id.as_str()), (&described, "Kale")];
        let answer = gone.post_files("/status_messages", &form, &[("files[]", &png(9, 9))], HTML).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let text = answer.text();
        assert!(text.contains("kept words") && text.contains(&format!("unsent[photo_text[{id}]]")), "{text}");
        assert_eq!(running.pod.count(sql!("SELECT COUNT(*) FROM posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_old_client_sends_a_file_as_the_body_and_reads_whether_it_worked() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let mut send = async |file: Vec<u8>| {
            let request =
                Request::post("/photos?photo%5Bpending%5D=true&qqfile=a.png&photo%5Baspect_ids%5D%5B0%5D=1")
                    .header(header::CONTENT_TYPE, "application/octet-stream")
                    .header(header::ACCEPT, JSON)
                    .header("x-file-name", "a.png");
            alice.send(request.body(Body::from(file)).unwrap()).await
        };
        let answer = send(png(20, 10)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        for part in [
            "\"success\":true",
            "\"guid\":\"",
            "\"unprocessed_image\":{",
            "\"thumb_small\":{\"url\":\"https://pod.test/uploads/images/thumb_small_",
        ] {
            assert!(answer.text().contains(part), "{part} in {}", answer.text());
        }
        for wrong in [b"no picture".to_vec(), Vec::new(), vec![0; pappus_kernel::media::LARGEST_FILE + 1]] {
            let answer = send(wrong).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.text().contains("\"success\":false"), "{}", answer.text());
        }
    })
    .await;
}

#[tokio::test]
async fn a_portrait_is_seen_here_and_on_the_other_pod() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut bob = pods.right.sign_up("bob").await;
        bob.share_with("alice@left.test", "Friends").await;
        alice.share_with("bob@right.test", "Friends").await;
        pods.settle().await;
        let refused = alice.post_files("/profile/photo", &[], &[("portrait", b"<svg/>")], HTML).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("id=\"portrait-problem\""), "{}", refused.text());
        let set = alice.post_files("/profile/photo", &[], &[("portrait", &png(90, 30))], HTML).await;
        assert_eq!((set.status, set.location()), (StatusCode::SEE_OTHER, "/profile/edit"));
        alice.get("/profile/edit").await.shows("src=\"/uploads/images/thumb_medium_");
        pods.settle().await;
        let urls = pods.right.pod.count(sql!(
            "SELECT COUNT(*) FROM profiles WHERE image_url LIKE 'https://left.test/uploads/images/thumb_large_%.webp'
               AND image_url_medium LIKE '%/thumb_medium_%' AND image_url_small LIKE '%/thumb_small_%'"
        ));
        assert_eq!(urls.await, 1);
        let removed = alice.post("/profile/photo", &[("_method", "delete")]).await;
        assert_eq!(removed.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        assert_eq!(pods.right.pod.count(sql!("SELECT COUNT(*) FROM profiles WHERE image_url IS NOT NULL")).await, 0);
        assert_eq!(pods.left.pod.media.count().await, 0);
    })
    .await;
}
