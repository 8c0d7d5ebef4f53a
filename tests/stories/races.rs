//! The same at the same time: one wins, the others are told, and nothing fails.
use axum::http::StatusCode;
use pappus_kernel::testing::on_both;
use pappus_tests::{PASSWORD, Running};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

async fn tally(mut tasks: JoinSet<StatusCode>) -> BTreeMap<u16, usize> {
    let mut seen = BTreeMap::new();
    while let Some(status) = tasks.join_next().await {
        *seen.entry(status.unwrap().as_u16()).or_default() += 1;
    }
    seen
}

#[tokio::test]
async fn of_many_who_take_a_name_or_an_address_at_once_one_gets_it() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        // ready keys, so that all of them arrive at the same statement
        running.run_jobs().await;
        for (names, mails) in [(["same"; 4], ["a", "b", "c", "d"]), (["k", "l", "m", "n"], ["same"; 4])] {
            let mut tasks = JoinSet::new();
            for (name, mail) in names.into_iter().zip(mails) {
                let mut browser = running.browser();
                tasks.spawn(async move {
                    let mail = format!("{mail}@mail.test");
                    let fields =
                        [("user[username]", name), ("user[email]", &mail), ("user[password]", PASSWORD)];
                    browser.post("/users", &fields).await.status
                });
            }
            assert_eq!(tally(tasks).await, BTreeMap::from([(303, 1), (422, 3)]), "{names:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_many_aspects_that_take_a_name_at_once_one_gets_it() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        for round in 0..5 {
            let name = format!("Garden {round}");
            let mut tasks = JoinSet::new();
            for aspect in ["Family", "Friends", "Work", "Acquaintances"] {
                let (mut browser, name) = (alice.clone(), name.clone());
                let made = format!("{aspect} {round}");
                assert_eq!(
                    browser.post("/aspects", &[("aspect[name]", &made)]).await.status,
                    StatusCode::SEE_OTHER
                );
                let id = browser.aspect(&made).await;
                tasks.spawn(async move {
                    let fields = [("_method", "put"), ("aspect[name]", name.as_str())];
                    browser.post(&format!("/aspects/{id}"), &fields).await.status
                });
            }
            assert_eq!(tally(tasks).await, BTreeMap::from([(303, 1), (422, 3)]), "round {round}");
        }
        alice.get("/contacts").await.shows("Garden 4");
    })
    .await;
}

#[tokio::test]
async fn the_same_sent_twice_at_once_is_done_once() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        running.sign_up("bob").await;
        let guid = alice.publish("like me", &["public"]).await;
        let family = alice.aspect("Family").await;
        let forms: [(String, Vec<(&str, String)>); 3] = [
            (format!("/posts/{guid}/likes"), vec![]),
            ("/contacts".into(), vec![("handle", "bob@pod.test".into()), ("aspect_ids[]", family)]),
            ("/tag_followings".into(), vec![("name", "kale".into())]),
        ];
        let mut done = 0;
        for (path, fields) in forms {
            let mut tasks = JoinSet::new();
            for _ in 0..6 {
                let (mut browser, path, fields) = (alice.clone(), path.clone(), fields.clone());
                tasks.spawn(async move {
                    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    browser.post(&path, &fields).await.status
                });
            }
            let seen = tally(tasks).await;
            assert!(seen.keys().all(|status| matches!(status, 303 | 422)), "{path}: {seen:?}");
            done += seen[&303];
        }
        assert!(done >= 3);
        alice.get(&format!("/posts/{guid}")).await.shows("Liked · 1");
    })
    .await;
}
