//! A plugin that does something for members in the background: each in their own morning, with their leave only, and no
//! more than they may know themselves.
use crate::peer::sql;
use axum::http::StatusCode;
use pappus_kernel::plugin::schedule;
use pappus_tests::{Browser, Running, TwoPods};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

async fn live_in(who: &mut Browser, zone: &str) -> StatusCode {
    who.post("/user", &[("_method", "put"), ("user[timezone]", zone)]).await.status
}

async fn born(who: &mut Browser, day: &str, public: bool) {
    let mut fields = vec![("_method", "put"), ("profile[birthday]", day)];
    if public {
        fields.push(("profile[public_details]", "true"));
    }
    assert_eq!(who.post("/profile", &fields).await.status, StatusCode::SEE_OTHER);
}

async fn let_act(who: &mut Browser, on: &str) {
    let answer = who.post("/settings/plugins/birthdays/switch", &[("on", on)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

/// As the server does it by its clock.
async fn tick(pod: &Running) {
    schedule::prepare(&pod.pod).await.unwrap();
    schedule::start(&pod.pod).await.unwrap();
    pod.run_jobs().await;
}

async fn told(pod: &Running) -> i64 {
    pod.pod.count(sql("SELECT COUNT(*) FROM notifications WHERE kind = 'plugin'")).await
}

#[tokio::test]
async fn members_are_told_of_birthdays_in_their_own_mornings_and_of_no_secret() {
    TwoPods::on_both_with(&["birthdays"], async |pods| {
        let pod = &pods.left;
        let mut alice = pod.sign_up("alice").await;
        let mut carol = pod.sign_up("carol").await;
        let (mut bob, mut dora, mut eve) =
            (pod.sign_up("bob").await, pod.sign_up("dora").await, pod.sign_up("eve").await);
        assert_eq!(live_in(&mut alice, "europe/berlin").await, StatusCode::SEE_OTHER);
        assert_eq!(live_in(&mut carol, "Pacific/Auckland").await, StatusCode::SEE_OTHER);
        // it is noon of the 23rd in UTC
        born(&mut bob, "1990-11-24", true).await;
        born(&mut dora, "1991-11-24", false).await;
        born(&mut eve, "11-24", false).await;
        for friend in ["bob", "dora", "eve"] {
            alice.share_with(&format!("{friend}@left.test"), "Friends").await;
        }
        carol.share_with("bob@left.test", "Friends").await;
        eve.share_with("alice@left.test", "Family").await;
        pods.settle().await;
        let_act(&mut alice, "true").await;
        let_act(&mut carol, "true").await;
        tick(pod).await;
        assert_eq!(told(pod).await, 0, "it is nobody's morning");

        pods.clock.advance(HOUR * 7 + Duration::from_mins(10));
        tick(pod).await;
        carol.get("/notifications").await.shows("bob@left.test turns 36 today.");
        alice.get("/notifications").await.hides("today");

        pods.clock.advance(HOUR * 12);
        tick(pod).await;
        let page = alice.get("/notifications").await;
        page.shows("bob@left.test turns 36 today.").hides("dora@left.test");
        page.shows("It is eve@left.test’s birthday today.");
        assert_eq!(told(pod).await, 3);

        // done again, for whatever reason, it tells nothing twice
        pod.pod.run(sql("UPDATE plugin_schedules SET next_at = 0")).await;
        tick(pod).await;
        assert_eq!(told(pod).await, 3);

        // while the plugin is off its words are not there, and the news is
        pod.switch("birthdays", false).await;
        alice.get("/notifications").await.shows("A plugin that is switched off").hides("turns");
        assert_eq!(pod.pod.count(sql("SELECT COUNT(*) FROM plugin_schedules")).await, 0);
        pod.switch("birthdays", true).await;
        assert_eq!(pod.pod.count(sql("SELECT COUNT(*) FROM plugin_schedules")).await, 2);
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_their_leave_back_is_told_nothing_more_even_when_the_job_waits() {
    TwoPods::on_both_with(&["birthdays"], async |pods| {
        let pod = &pods.left;
        let mut alice = pod.sign_up("alice").await;
        let mut bob = pod.sign_up("bob").await;
        born(&mut bob, "1990-11-24", true).await;
        alice.share_with("bob@left.test", "Friends").await;
        pods.settle().await;
        let_act(&mut alice, "true").await;
        tick(pod).await;
        pods.clock.advance(HOUR * 21);
        schedule::start(&pod.pod).await.unwrap();
        let waiting = "SELECT COUNT(*) FROM jobs WHERE kind = 'plugin' AND state = 'waiting'";
        assert_eq!(pod.pod.count(sql(waiting)).await, 1);
        let_act(&mut alice, "false").await;
        tick(pod).await;
        assert_eq!(told(pod).await, 0);
        let left =
            ["SELECT COUNT(*) FROM plugin_schedules", "SELECT COUNT(*) FROM jobs WHERE kind = 'plugin'"];
        for rows in left {
            assert_eq!(pod.pod.count(sql(rows)).await, 0, "{rows}");
        }

        // with leave again, an ignored friend is no news
        let_act(&mut alice, "true").await;
        let page = alice.get("/u/bob").await;
        let page = if page.status == StatusCode::OK { page } else { alice.get(page.location()).await };
        let person = page.after("name=\"block[person_id]\" value=\"").unwrap();
        alice.post("/blocks", &[("block[person_id]", &person)]).await;
        pod.pod.run(sql("UPDATE plugin_schedules SET next_at = 0")).await;
        tick(pod).await;
        assert_eq!(told(pod).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_zone_that_does_not_exist_is_refused_and_shown_again() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let refused = alice.post("/user", &[("_method", "put"), ("user[timezone]", "Mars/\"Base\"")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        assert!(
            text.contains("There is no such time zone") && text.contains("Mars/&quot;Base&quot;"),
            "{text}"
        );
        assert_eq!(live_in(&mut alice, "asia/kathmandu").await, StatusCode::SEE_OTHER);
        alice.get("/user/edit").await.shows("value=\"Asia/Kathmandu\"");
        // a form without the field leaves it
        alice.post("/user", &[("_method", "put"), ("user[language]", "en")]).await;
        alice.get("/user/edit").await.shows("value=\"Asia/Kathmandu\" aria-").shows("<datalist");
    })
    .await;
}
