//! What an admin blocks: nothing of it in, out or on a page, as far as the block goes; and lists of others,
//! which do nothing before they are approved.
use axum::{Router, http::StatusCode, routing::get};
use pappus_kernel::{db::Sql, testing::on_both};
use pappus_tests::{Browser, Running, TwoPods};

/// Alice on the left and bob on the right, sharing with each other.
async fn friends(pods: &TwoPods) -> (Browser, Browser) {
    let mut alice = pods.left.sign_up("alice").await;
    let mut bob = pods.right.sign_up("bob").await;
    alice.share_with("bob@right.test", "Family").await;
    pods.settle().await;
    bob.share_with("alice@left.test", "Friends").await;
    pods.settle().await;
    (alice, bob)
}

async fn block(admin: &mut Browser, target: &str, level: &str) {
    let fields =
        [("target", target), ("level", level), ("reason", "They sell things."), ("note", "Seen it.")];
    let answer = admin.post("/admin/blocks", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    admin.get("/admin/blocks").await.shows(target).shows("They sell things.").shows("Seen it.");
}

async fn lift(admin: &mut Browser) {
    let id = admin.get("/admin/blocks").await.after("id=\"block-").unwrap();
    let answer = admin.post(&format!("/admin/blocks/{id}"), &[("_method", "delete")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

fn sent_to(pods: &TwoPods, host: &str) -> usize {
    let prefix = format!("https://{host}/");
    pods.wire.sent.lock().unwrap().iter().filter(|(url, _)| url.starts_with(&prefix)).count()
}

/// The path of bob's page on the left.
async fn page_of_bob(alice: &mut Browser) -> String {
    let found = alice.get("/people?q=bob@right.test").await;
    let mut people = found.text().split("/people/").skip(1).map(str::to_owned).collect::<Vec<_>>();
    people.retain(|rest| rest.contains("bob@right.test"));
    let guid: String = people.last().unwrap().chars().take_while(char::is_ascii_hexdigit).collect();
    format!("/people/{guid}")
}

#[tokio::test]
async fn a_suspended_pod_is_neither_heard_nor_told_nor_shown() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut admin = pods.left.sign_in("admina").await;
        let before = bob.publish("before the block", &["public"]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("before the block");
        let page = page_of_bob(&mut alice).await;

        block(&mut admin, "right.test", "suspend").await;
        assert_eq!(alice.get(&format!("/posts/{before}")).await.status, StatusCode::NOT_FOUND);
        alice.get("/stream").await.hides("before the block");
        alice.get("/public").await.hides("before the block");
        alice
            .get(&page)
            .await
            .shows("bob@right.test")
            .shows("suspended")
            .shows("They sell things.")
            .hides("Seen it.");
        let (told, asked) = (sent_to(&pods, "right.test"), sent_to(&pods, "left.test"));
        let during = bob.publish("during the block", &["public"]).await;
        alice.publish("nothing for the right", &["public"]).await;
        alice.get("/people?q=new@right.test").await.hides("new@right.test</a>");
        pods.settle().await;
        assert!(sent_to(&pods, "left.test") > asked, "bob's pod sends");
        assert_eq!(sent_to(&pods, "right.test"), told, "and is told and asked nothing");
        assert_eq!(alice.get(&format!("/posts/{during}")).await.status, StatusCode::NOT_FOUND);
        bob.get("/stream").await.hides("nothing for the right");

        lift(&mut admin).await;
        alice.get("/stream").await.shows("before the block").hides("during the block");
        alice.get(&page).await.hides("They sell things.");
        bob.publish("after the block", &["public"]).await;
        alice.publish("again for the right", &["public"]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("after the block");
        bob.get("/stream").await.shows("again for the right");
    })
    .await;
}

#[tokio::test]
async fn a_silenced_pod_is_heard_by_who_shares_with_it_and_by_nobody_else() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut carol = pods.left.sign_up("carol").await;
        let mut admin = pods.left.sign_in("admina").await;
        block(&mut admin, "right.test", "silence").await;
        let guid = bob.publish("said quietly #hush", &["public"]).await;
        pods.settle().await;
        let path = format!("/posts/{guid}");
        alice.get("/stream").await.shows("said quietly");
        alice.get(&path).await.shows("said quietly");
        assert_eq!(carol.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(pods.left.browser().get(&path).await.status, StatusCode::NOT_FOUND);
        for browser in [&mut alice, &mut carol] {
            browser.get("/public").await.hides("said quietly");
            browser.get("/tags/hush").await.hides("said quietly");
        }
        let page = page_of_bob(&mut alice).await;
        carol.get(&page).await.shows("silenced").hides("said quietly");
        lift(&mut admin).await;
        carol.get(&path).await.shows("said quietly");
        carol.get("/public").await.shows("said quietly");
        carol.get("/tags/hush").await.shows("said quietly");
    })
    .await;
}

#[tokio::test]
async fn hidden_pictures_are_neither_shown_nor_fetched() {
    TwoPods::on_both(async |pods| {
        let (mut alice, _bob) = friends(&pods).await;
        let mut admin = pods.left.sign_in("admina").await;
        let png = b"\x89PNG\r\n\x1a\n....".to_vec();
        pods.wire.join("pictures.test", Router::new().route("/bob.png", get(move || async { png })));
        let text = "UPDATE profiles SET image_url = 'https://pictures.test/bob.png'
                    WHERE person_id = (SELECT id FROM people WHERE diaspora_id = 'bob@right.test')";
        assert_eq!(pods.left.pod.run(Sql { sqlite: text, postgres: text, at: "a story" }).await, 1);
        let page = page_of_bob(&mut alice).await;
        let shown = alice.get(&page).await.text();
        let (_, rest) = shown.split_once("src=\"/-/media/").expect("his picture is on his page");
        let picture = format!("/-/media/{}", rest.split('"').next().unwrap());

        block(&mut admin, "pictures.test", "media").await;
        assert_eq!(alice.get(&picture).await.status, StatusCode::NOT_FOUND);
        assert_eq!(sent_to(&pods, "pictures.test"), 0);
        lift(&mut admin).await;
        assert_eq!(alice.get(&picture).await.status, StatusCode::OK);
        assert_eq!(sent_to(&pods, "pictures.test"), 1);

        block(&mut admin, "bob@right.test", "media").await;
        alice.get(&page).await.shows("hide the pictures").hides("src=\"/-/media/");
        lift(&mut admin).await;
        alice.get(&page).await.shows("src=\"/-/media/");
    })
    .await;
}

#[tokio::test]
async fn an_imported_list_waits_for_the_admin() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut admin = running.sign_in("admina").await;
        let list = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
                    spam.test,suspend,true,false,\"spam, and more\",false\n\
                    loud.test,silence,false,false,,false\n\
                    sp*m.test,suspend,false,false,,true\n";
        let fields = [("list", list), ("source", "the neighbours"), ("level", "suspend")];
        let read = admin.post("/admin/blocks/import", &fields).await;
        read.shows("spam.test").shows("the neighbours").shows("sp*m.test,suspend").shows("not spelled out");
        admin.get("/admin/blocks").await.hides("spam.test").shows("2 lines of lists wait");

        let page = admin.get("/admin/blocks/drafts").await.text();
        let id = |host: &str| -> String {
            let (before, _) = page.split_once(&format!("<bdi>{host}</bdi>")).unwrap();
            before.rsplit_once("value=\"").unwrap().1.chars().take_while(char::is_ascii_digit).collect()
        };
        let (spam, loud) = (id("spam.test"), id("loud.test"));
        let none = admin.post("/admin/blocks/drafts", &[("draft[]", &spam)]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        admin.post("/admin/blocks/drafts", &[("draft[]", &spam), ("decision", "approve")]).await;
        admin.get("/admin/blocks").await.shows("spam.test").shows("spam, and more").hides("loud.test");
        admin.post("/admin/blocks/drafts", &[("draft[]", &loud), ("decision", "discard")]).await;
        admin.get("/admin/blocks/drafts").await.hides("loud.test").hides("spam.test");

        let export = admin.get("/admin/blocks/export").await;
        assert!(export.header("content-type").starts_with("text/csv"));
        assert_eq!(
            export.text().lines().nth(1),
            Some("spam.test,suspend,true,false,\"spam, and more\",false")
        );

        let long = "x".repeat((1 << 20) + 1);
        let refused = admin.post("/admin/blocks/import", &[("list", &long)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let endless = "x".repeat(4 << 20);
        let refused = admin.post("/admin/blocks/import", &[("list", &endless)]).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}

#[tokio::test]
async fn a_block_is_changed_and_a_wrong_one_is_refused() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut admin = running.sign_in("admina").await;
        let mut alice = running.sign_up("alice").await;
        for (target, says) in [
            ("pod.test", "block this very pod"),
            ("admina@pod.test", "cannot be blocked"),
            ("https://x.test", "neither a host"),
            ("nobody@pod.test", "Nothing is known"),
        ] {
            let refused = admin.post("/admin/blocks", &[("target", target), ("level", "suspend")]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{target}");
            assert!(refused.text().contains(says), "{target}: {}", refused.text());
        }
        block(&mut admin, "alice@pod.test", "suspend").await;
        assert_eq!(alice.get("/stream").await.status, StatusCode::FOUND, "she is signed out");
        let fields = [("user[username]", "alice"), ("user[password]", pappus_tests::PASSWORD)];
        assert_ne!(alice.post("/users/sign_in", &fields).await.status, StatusCode::FOUND);
        let id = admin.get("/admin/blocks").await.after("id=\"block-").unwrap();
        admin
            .get(&format!("/admin/blocks?edit={id}"))
            .await
            .shows("Change a block")
            .shows("value=\"They sell things.\"");
        let changed = [("_method", "put"), ("level", "silence"), ("reason", "Better now.")];
        let answer = admin.post(&format!("/admin/blocks/{id}"), &changed).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        admin
            .get("/admin/blocks")
            .await
            .shows("Better now.")
            .shows("alice@pod.test")
            .hides("They sell things.");
        assert_eq!(alice.post("/users/sign_in", &fields).await.status, StatusCode::FOUND);
        alice.get("/stream").await.shows("<main");
    })
    .await;
}
