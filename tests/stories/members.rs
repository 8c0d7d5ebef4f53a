//! What members of one pod do with each other.
use axum::http::StatusCode;
use pappus_kernel::testing::on_both;
use pappus_tests::Running;

#[tokio::test]
async fn a_public_post_is_commented_liked_and_its_author_hears_of_it() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let (mut alice, mut bob) = (running.sign_up("alice").await, running.sign_up("bob").await);
        let guid = alice.publish("first <b>frost</b> #kale", &["public"]).await;
        let path = format!("/posts/{guid}");
        bob.get("/public").await.shows("first &lt;b&gt;frost&lt;/b&gt;").shows("/tags/kale");
        running.browser().get("/tags/kale").await.shows(&guid);

        let commented = bob.post(&format!("{path}/comments"), &[("text", "me please")]).await;
        assert_eq!(commented.status, StatusCode::SEE_OTHER, "{}", commented.text());
        assert!(commented.location().starts_with(&path));
        let liked = bob.post(&format!("{path}/likes"), &[]).await;
        assert_eq!(liked.status, StatusCode::SEE_OTHER, "{}", liked.text());
        let again = bob.post(&format!("{path}/likes"), &[]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "a second like is the first one");

        alice.get("/notifications").await.shows("bob@pod.test").shows(&path);
        alice.get(&path).await.shows("me please");
        let empty = bob.post(&format!("{path}/comments"), &[("text", "   ")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);

        let not_mine = bob.post(&path, &[("_method", "delete")]).await;
        assert_eq!(not_mine.status, StatusCode::FORBIDDEN);
        let deleted = alice.post(&path, &[("_method", "delete")]).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
        bob.get("/public").await.hides(&guid);
    })
    .await;
}

#[tokio::test]
async fn a_limited_post_is_on_no_page_of_anybody_outside_its_audience() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let (mut alice, mut bob, mut eve) =
            (running.sign_up("alice").await, running.sign_up("bob").await, running.sign_up("eve").await);
        alice.share_with("bob@pod.test", "Family").await;
        bob.share_with("alice@pod.test", "Friends").await;
        eve.share_with("alice@pod.test", "Friends").await;
        let family = alice.aspect("Family").await;
        let guid = alice.publish("a secret of the family #hush", &[&family]).await;
        let alice_guid = alice.get("/stream").await.after("/people/").unwrap();

        bob.get("/stream").await.shows("a secret of the family");
        bob.get(&format!("/posts/{guid}")).await.shows("a secret of the family").hides("Family</bdi></span>");
        let mut visitor = running.browser();
        let paths = [
            "/stream".to_owned(),
            "/public".into(),
            "/aspects".into(),
            "/tags/hush".into(),
            "/".into(),
            "/notifications".into(),
            "/contacts".into(),
            "/people?q=alice".into(),
            format!("/people/{alice_guid}"),
            format!("/people/{alice_guid}.json"),
            format!("/people/{alice_guid}/stream"),
            "/u/alice".into(),
            format!("/posts/{guid}"),
            format!("/p/{guid}"),
            format!("/fetch/post/{guid}"),
            format!("/fetch/status_message/{guid}"),
        ];
        let mut pages = 0;
        for path in &paths {
            for browser in [&mut eve, &mut visitor] {
                let answer = browser.get(path).await;
                assert!(!answer.text().contains("secret"), "{path}");
                pages += usize::from(answer.status == StatusCode::OK);
            }
        }
        assert!(pages >= 12, "only {pages} pages were looked at");
        for (path, fields) in [
            (format!("/posts/{guid}/likes"), vec![]),
            (format!("/posts/{guid}/comments"), vec![("text", "I was never here")]),
            (format!("/posts/{guid}"), vec![("_method", "delete")]),
        ] {
            assert_eq!(eve.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(eve.get(&format!("/posts/{guid}")).await.status, StatusCode::NOT_FOUND);

        // who joins later sees what is posted after that
        alice.share_with("eve@pod.test", "Family").await;
        eve.get("/stream").await.hides("secret");
        alice.publish("a second secret", &[&family]).await;
        eve.get("/stream").await.shows("a second secret");
    })
    .await;
}

#[tokio::test]
async fn a_ticked_box_wins_over_the_wider_choice_above_it() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let (mut alice, mut bob) = (running.sign_up("alice").await, running.sign_up("bob").await);
        alice.share_with("bob@pod.test", "Friends").await;
        bob.share_with("alice@pod.test", "Friends").await;
        let family = alice.aspect("Family").await;
        // without a script the choice stays where the page began
        for choice in ["public", "all_aspects"] {
            let words = format!("family only, {choice}");
            let fields =
                [("status_message[text]", words.as_str()), ("audience", choice), ("aspect_ids[]", &family)];
            let posted = alice.post("/status_messages", &fields).await;
            assert_eq!(posted.status, StatusCode::SEE_OTHER, "{}", posted.text());
            alice.get("/stream").await.shows(&words).hides("Family, Friends");
            bob.get("/stream").await.hides(&words);
            running.browser().get("/public").await.hides(&words);
        }
        // its twin, with no box ticked, reaches bob
        let fields =
            [("status_message[text]", "for all aspects"), ("audience", "all_aspects"), ("aspect_ids[]", "")];
        assert_eq!(alice.post("/status_messages", &fields).await.status, StatusCode::SEE_OTHER);
        bob.get("/stream").await.shows("for all aspects");
    })
    .await;
}

#[tokio::test]
async fn a_refused_form_keeps_its_text_and_names_the_field() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let nobody = alice
            .post("/status_messages", &[("status_message[text]", "to nobody"), ("audience", "chosen")])
            .await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nobody.text().contains("to nobody"));
        let long = "x".repeat(65_536);
        let too_long =
            alice.post("/status_messages", &[("status_message[text]", &long), ("audience", "public")]).await;
        assert_eq!(too_long.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(too_long.text().contains(&long));
        let taken = alice.post("/aspects", &[("aspect[name]", "Family")]).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        let other = running.sign_up("bob").await.aspect("Family").await;
        let foreign =
            alice.post("/status_messages", &[("status_message[text]", "hm"), ("aspect_ids[]", &other)]).await;
        assert!(foreign.status.is_client_error(), "somebody else's aspect: {}", foreign.status);
        alice.get("/stream").await.hides("hm</p>");
        let nobody = alice.post("/contacts", &[("handle", "not an address"), ("aspect_ids[]", "1")]).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nobody.text().contains("not an address"));
    })
    .await;
}

#[tokio::test]
async fn settings_change_and_show_at_once() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let saved = alice
            .post("/user", &[("_method", "put"), ("user[language]", "de"), ("user[color_mode]", "dark")])
            .await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        alice.get("/stream").await.shows("lang=\"de\"").shows("data-mode=\"dark\"");
        let wrong = alice.post("/user", &[("_method", "put"), ("user[language]", "xx")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

        let profile = [
            ("_method", "put"),
            ("profile[first_name]", "Alice"),
            ("profile[bio]", "grows <i>kale</i>"),
            ("profile[tag_string]", "#kale"),
            ("profile[public_details]", "true"),
            ("profile[searchable]", "true"),
        ];
        let saved = alice.post("/profile", &profile).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        alice.get("/profile/edit").await.shows("grows &lt;i&gt;kale");
        running.browser().get("/u/alice").await.shows("grows &lt;i&gt;kale").hides("<i>kale");
        let mut bob = running.sign_up("bob").await;
        bob.get("/people?q=Ali").await.shows("Alice").shows("alice@pod.test");
    })
    .await;
}
