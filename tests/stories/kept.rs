//! A text that somebody wrote is not lost, whatever becomes of its form.
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use pappus_kernel::testing::on_both;
use pappus_tests::Running;

const LONGEST: usize = 65_535;

#[tokio::test]
async fn the_longest_text_of_any_script_is_published() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let guid = alice.publish("short", &["public"]).await;
        let comments = format!("/posts/{guid}/comments");
        // three and four bytes a letter: nine and twelve in a form
        for letter in ["雪", "🌱"] {
            let text = letter.repeat(LONGEST);
            let fields = [("status_message[text]", text.as_str()), ("audience", "public")];
            let posted = alice.post("/status_messages", &fields).await;
            assert_eq!(posted.status, StatusCode::SEE_OTHER, "{letter}");
            alice.get("/stream").await.shows(&text);
            let commented = alice.post(&comments, &[("text", &text)]).await;
            assert_eq!(commented.status, StatusCode::SEE_OTHER, "{letter}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_too_long_is_shown_again_with_its_text() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let guid = alice.publish("short", &["public"]).await;
        let text = "雪".repeat(150_000);
        let fields = [("status_message[text]", text.as_str()), ("audience", "public")];
        for (path, fields) in [
            ("/status_messages".to_owned(), &fields[..]),
            (format!("/posts/{guid}/comments"), &[("text", &text)]),
        ] {
            let refused = alice.post(&path, fields).await;
            assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            assert!(refused.text().contains(&text), "{path} gives the text back");
        }
        // there is an end to it
        let huge = "a".repeat(5 << 20);
        let refused = alice.post("/status_messages", &[("status_message[text]", &huge)]).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(refused.body.len() < 100_000);
        let refused = alice.post("/aspects", &[("aspect[name]", &"a".repeat(2 << 20))]).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}

#[tokio::test]
async fn a_text_that_came_after_the_session_waits_for_the_next_one() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let family = alice.aspect("Family").await;
        let guid = alice.publish("a post", &["public"]).await;
        let comments = format!("/posts/{guid}/comments");
        let post = [
            ("status_message[text]", "an <hour> of work"),
            ("audience", "chosen"),
            ("aspect_ids[]", family.as_str()),
        ];
        let comment = [("text", "an <hour> of thought")];
        let mut bob = running.sign_up("bob").await;
        alice.share_with("bob@pod.test", "Family").await;
        bob.share_with("alice@pod.test", "Family").await;
        let to = alice.get("/conversations/new").await.after("name=\"person_ids[]\" value=\"").unwrap();
        let talk = [
            ("conversation[subject]", "Plans"),
            ("conversation[text]", "an <hour> of talk"),
            ("person_ids[]", to.as_str()),
        ];
        let begun = alice.post("/conversations", &talk).await;
        let talk_id = begun.location().split("conversation_id=").nth(1).unwrap().to_owned();
        let messages = format!("/conversations/{talk_id}/messages");
        let message = [("message[text]", "an <hour> of answers")];
        let chosen = format!("value=\"{to}\" checked");
        for (path, fields, words, then) in [
            ("/status_messages", &post[..], "an &lt;hour&gt; of work", "name=\"status_message[text]\""),
            (comments.as_str(), &comment[..], "an &lt;hour&gt; of thought", "name=\"text\""),
            ("/conversations", &talk[..], "an &lt;hour&gt; of talk", chosen.as_str()),
            (messages.as_str(), &message[..], "an &lt;hour&gt; of answers", "name=\"message[text]\""),
        ] {
            let mut late = running.browser();
            let kept = late.post(path, fields).await;
            assert_eq!(kept.status, StatusCode::UNAUTHORIZED, "{}", kept.text());
            assert!(kept.text().contains(words));
            let mut hidden = hidden_fields(&kept.text());
            assert!(hidden.len() >= 2, "{hidden:?}");
            hidden.push(("user[username]".into(), "alice".into()));
            let attempt = |password: &'static str| {
                let with = ("user[password]".to_owned(), password.to_owned());
                hidden.iter().cloned().chain([with]).collect::<Vec<_>>()
            };
            // a wrong password does not lose it either
            let wrong = attempt("not her password");
            let refused = late.post("/users/sign_in", &borrowed(&wrong)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.text().contains(words));
            let right = attempt(pappus_tests::PASSWORD);
            let resumed = late.post("/users/sign_in", &borrowed(&right)).await;
            resumed.shows(words).shows(then);
            assert!(!resumed.text().contains("name=\"user[password]\""));
            late.get("/stream").await.shows("<main").hides(words);
            if path == "/status_messages" {
                resumed.shows(&format!("value=\"{family}\" checked"));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_another_site_sends_is_not_kept() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let post = |site: Option<&str>, origin: Option<&str>, accept: &str, body: &'static str| {
            let mut request = Request::post("/status_messages")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ACCEPT, accept);
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            request.body(Body::from(body)).unwrap()
        };
        let words = "status_message[text]=buy+this";
        for (site, origin, accept, body, status) in [
            (Some("same-origin"), Some("https://pod.test"), "text/html", words, 401),
            (None, Some("https://pod.test"), "text/html", words, 401),
            (Some("cross-site"), Some("https://evil.test"), "text/html", words, 302),
            (None, Some("https://evil.test"), "text/html", words, 302),
            (None, None, "text/html", words, 302),
            (Some("same-origin"), None, "text/html", "status_message[text]=", 302),
            (Some("same-origin"), None, "application/json", words, 401),
        ] {
            let answer = running.browser().send(post(site, origin, accept, body)).await;
            assert_eq!(answer.status.as_u16(), status, "{site:?} {origin:?} {accept} {body}");
            let kept = status == 401 && accept == "text/html";
            assert_eq!(answer.text().contains("buy this"), kept, "{site:?} {origin:?} {accept} {body}");
        }
        // what somebody makes up for the way back leads to no other form
        let fields = [
            ("user[username]", "admina"),
            ("user[password]", pappus_tests::PASSWORD),
            ("unsent[to]", "/user/password"),
            ("unsent[text]", "x"),
        ];
        let answer = running.browser().post("/users/sign_in", &fields).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/stream"));
    })
    .await;
}

#[tokio::test]
async fn a_comment_on_a_post_that_is_gone_comes_back_to_be_copied() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let (mut alice, mut bob) = (running.sign_up("alice").await, running.sign_up("bob").await);
        let guid = alice.publish("soon gone", &["public"]).await;
        alice.post(&format!("/posts/{guid}"), &[("_method", "delete")]).await;
        let late = bob.post(&format!("/posts/{guid}/comments"), &[("text", "so <well> said")]).await;
        assert_eq!(late.status, StatusCode::NOT_FOUND);
        assert!(late.text().contains("so &lt;well&gt; said"), "{}", late.text());
        let nothing = bob.get(&format!("/posts/{guid}")).await;
        assert!(!nothing.text().contains("id=\"kept\""));
    })
    .await;
}

#[tokio::test]
async fn who_looks_up_too_many_keeps_what_they_typed() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let family = alice.aspect("Family").await;
        let look = [("handle", "zoe@far.test"), ("aspect_ids[]", family.as_str())];
        for _ in 0..40 {
            assert_eq!(alice.post("/contacts", &look).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let stopped = alice.post("/contacts", &look).await;
        assert!(stopped.text().contains("looked up many people"), "{}", stopped.text());
        assert!(stopped.text().contains("value=\"zoe@far.test\""));
        alice.get("/people?q=zoe@far.test").await.shows("looked up many people").shows("zoe@far.test");
    })
    .await;
}

#[tokio::test]
async fn adding_somebody_goes_whole_or_not_at_all_and_says_why_at_the_field() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        running.sign_up("bob").await;
        let (family, friends) = (alice.aspect("Family").await, alice.aspect("Friends").await);
        let refused = |answer: &pappus_tests::Answer, words: &str, field: &str| {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
            assert!(answer.text().contains(words), "{words}: {}", answer.text());
            assert!(answer.text().contains(&format!("id=\"{field}-problem\"")), "{}", answer.text());
        };
        let mine = alice.post("/contacts", &[("handle", "alice@pod.test"), ("aspect_ids[]", &family)]).await;
        refused(&mine, "That is you.", "handle");

        let some =
            [("handle", "bob@pod.test"), ("aspect_ids[]", friends.as_str()), ("aspect_ids[]", "999999")];
        refused(&alice.post("/contacts", &some).await, "bob@pod.test", "add-aspects");
        alice.get(&format!("/contacts?a_id={friends}")).await.hides("bob@pod.test");
        alice.get("/contacts?a_id=999999").await.hides("bob@pod.test");

        let both =
            [("handle", "bob@pod.test"), ("aspect_ids[]", friends.as_str()), ("aspect_ids[]", &family)];
        assert_eq!(alice.post("/contacts", &both).await.status, StatusCode::SEE_OTHER);
        for aspect in [&friends, &family] {
            alice.get(&format!("/contacts?a_id={aspect}")).await.shows("bob@pod.test");
        }
        refused(&alice.post("/contacts", &both).await, "in these aspects already", "handle");

        // the same boxes on a profile: all of them or none
        let bob = alice.get("/contacts").await.after("action=\"/people/").unwrap();
        let path = format!("/people/{bob}/aspects");
        let wrong = alice.post(&path, &[("aspect_ids[]", "999999")]).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND);
        alice.get(&format!("/contacts?a_id={friends}")).await.shows("bob@pod.test");
        assert_eq!(alice.post(&path, &[("aspect_ids[]", &family)]).await.status, StatusCode::SEE_OTHER);
        alice.get(&format!("/contacts?a_id={friends}")).await.hides("bob@pod.test");
        alice.get(&format!("/contacts?a_id={family}")).await.shows("bob@pod.test");
    })
    .await;
}

pub fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Names and values of the hidden fields of what was not sent.
pub fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let plain = |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&#x2f;", "/");
    page.split("<input type=\"hidden\" name=\"unsent")
        .skip(1)
        .map(|rest| {
            let mut parts = rest.split('"');
            let name = format!("unsent{}", parts.next().unwrap());
            (name, plain(parts.nth(1).unwrap()))
        })
        .collect()
}
