//! Places of posts between pods: a plugin that makes and shows them, and a core that only carries them.
use crate::{
    peer::{NOW, Peer, guid, sql},
    two_pods::friends,
};
use axum::http::StatusCode;
use pappus_federation::entity::{Contact, Location, StatusMessage};
use pappus_kernel::{
    plugin::{self, Audience, Grants, Hook},
    text::plain::LINK_REL,
};
use pappus_tests::{Browser, TwoPods};

const MAP: &str = "https://www.openstreetmap.org";

/// Sends a post with these words in the fields for the place.
async fn send(
    who: &mut Browser,
    text: &str,
    audience: &str,
    [address, latitude, longitude]: [&str; 3],
) -> StatusCode {
    let public = audience == "public";
    let sent = who
        .post(
            "/status_messages",
            &[
                ("status_message[text]", text),
                if public { ("audience", "public") } else { ("aspect_ids[]", audience) },
                ("x[location][place][address]", address),
                ("x[location][place][latitude]", latitude),
                ("x[location][place][longitude]", longitude),
            ],
        )
        .await;
    sent.status
}

/// The same, for a place that is one; the post's guid.
async fn say(who: &mut Browser, text: &str, audience: &str, place: [&str; 3]) -> String {
    assert_eq!(send(who, text, audience, place).await, StatusCode::SEE_OTHER);
    let page = who.get("/stream").await;
    page.after("href=\"/posts/").unwrap_or_else(|| panic!("{}", page.text()))
}

/// What the page shows below its posts.
fn shown(page: &str) -> Vec<&str> {
    let boxes = page.split("data-plugin=\"location\">").skip(1);
    boxes.map(|rest| rest.split("</div>").next().unwrap_or_default().trim()).collect()
}

#[tokio::test]
async fn a_place_that_is_given_here_is_shown_there_with_a_link_to_a_map() {
    TwoPods::on_both_with(&["location"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let post = say(&mut alice, "Cold water.", "public", ["Lake <side>", "47,05", "8.310"]).await;
        pods.settle().await;
        let path = format!("/posts/{post}");
        let map = format!("<a href=\"{MAP}/?mlat=47.05&amp;mlon=8.31#map=16/47.05/8.31\" rel=\"{LINK_REL}\"");
        for who in [&mut alice, &mut bob, &mut pods.left.browser(), &mut pods.right.browser()] {
            who.get(&path).await.shows("Lake &lt;side&gt;").shows(&map);
        }
        let page = bob.get("/stream").await;
        assert_eq!(shown(&page.text()).len(), 1);
        assert!(
            page.header("content-security-policy").contains("default-src"),
            "nothing is fetched from there"
        );
        assert_eq!(page.header("referrer-policy"), "same-origin");
        let xml =
            "SELECT COUNT(*) FROM attachments WHERE kind = 'location' AND xml LIKE '%<lat>47.05</lat>%'";
        assert_eq!(pods.right.pod.count(sql(xml)).await, 1);

        // without degrees there is a search, and what was not filled in adds nothing
        let words = say(&mut alice, "Warm tea.", "public", ["Café & Bar", "", ""]).await;
        let nothing = say(&mut alice, "Nowhere.", "public", ["", " ", ""]).await;
        pods.settle().await;
        let search = format!("<a href=\"{MAP}/search?query=Caf%C3%A9%20%26%20Bar\"");
        bob.get(&format!("/posts/{words}")).await.shows("Café &amp; Bar").shows(&search).hides("mlat");
        bob.get(&format!("/posts/{nothing}")).await.hides(MAP);

        // passed on, it stands with what is passed on
        assert_eq!(bob.post("/reshares", &[("root_guid", &post)]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(bob.get("/stream").await.text().matches(&map).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_place_that_is_none_is_said_beside_its_field() {
    TwoPods::on_both_with(&["location"], async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        alice.get("/stream").await.shows("name=\"x[location][place][address]\"");
        for place in [["Here", "91", "8"], ["Here", "47", ""], ["Here", "<b>", "8"], ["", "1e1", "1"]] {
            assert_eq!(send(&mut alice, "words", "public", place).await, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(pods.left.pod.count(sql("SELECT COUNT(*) FROM posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_place_of_a_limited_post_is_for_its_audience_and_nobody_else() {
    TwoPods::on_both_with(&["location"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut eve = pods.left.sign_up("eve").await;
        let family = alice.aspect("Family").await;
        let post = say(&mut alice, "Come over.", &family, ["Behind the mill", "47.05", "8.31"]).await;
        pods.settle().await;
        let path = format!("/posts/{post}");
        bob.get(&path).await.shows("Behind the mill").shows("mlat=47.05");
        for who in [&mut eve, &mut pods.left.browser(), &mut pods.right.browser()] {
            let page = who.get(&path).await;
            assert_ne!(page.status, StatusCode::OK);
            assert!(!page.text().contains("Behind the mill") && !page.text().contains("47.05"));
        }
        eve.get("/public").await.hides("Behind the mill");
    })
    .await;
}

#[tokio::test]
async fn old_places_are_there_when_the_plugin_comes_and_are_words_where_links_are_refused() {
    TwoPods::on_both_with(&["location"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        pods.right.switch("location", false).await;
        let post = say(&mut alice, "Cold water.", "public", ["Lakeside", "47.05", "8.31"]).await;
        pods.settle().await;
        let path = format!("/posts/{post}");
        bob.get(&path).await.shows("Cold water.").hides("Lakeside");
        pods.right.switch("location", true).await;
        bob.get(&path).await.shows("Lakeside").shows(MAP);
        let grants = |links: &[&str]| Grants {
            hooks: [(Hook::UiSlots, Audience::AllText)].into(),
            links: links.iter().map(|link| (*link).to_owned()).collect(),
            ..Grants::default()
        };
        let enable = async |links: &[&str]| {
            plugin::enable(&pods.right.pod, pods.right.pod.admin(), "location", Some(grants(links))).await
        };
        assert!(enable(&["https://elsewhere.test"]).await.is_err(), "nobody asked for that");
        enable(&[]).await.unwrap();
        bob.get(&path).await.shows("Lakeside").hides(MAP);
    })
    .await;
}

#[tokio::test]
async fn what_other_pods_call_a_place_does_no_harm() {
    TwoPods::on_both_with(&["location"], async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mia = Peer::join(&pods.wire, "mia@away.test");
        mia.privately(
            &pods.left,
            "alice",
            Contact::new(mia.id.clone(), "alice@left.test".parse().unwrap(), true),
        )
        .await;
        alice.share_with("mia@away.test", "Friends").await;
        let long = "ä".repeat(60_000);
        let places = [
            ("\"><script>alert(1)</script>", "47.05", "8.31"),
            ("<a href=\"https://evil.test/\">Lake</a>", "javascript:alert(1)", "\"onclick=\"x"),
            ("", "91", "1e300"),
            ("", "NaN", "inf"),
            (long.as_str(), "47.05", "8.31\" rel=\"opener"),
            ("\u{202e}ekaL", "0", "0"),
        ];
        for (n, (address, lat, lng)) in places.into_iter().enumerate() {
            let named = guid(&format!("place{n}")).parse().unwrap();
            let mut post = StatusMessage::new(mia.id.clone(), named, NOW, true, format!("post {n}"));
            post.location = Some(Location { address: address.into(), lat: lat.into(), lng: lng.into() });
            mia.publicly(&pods.left, post).await;
        }
        assert_eq!(pods.left.pod.count(sql("SELECT COUNT(*) FROM attachments")).await, 6);
        let page = alice.get("/stream").await;
        for n in 0..6 {
            page.shows(&format!("post {n}"));
        }
        let text = page.text();
        assert_eq!(shown(&text).len(), 3, "two are no place at all, one is too large: {text}");
        for evil in [
            "<script>alert",
            "href=\"https://evil.test",
            "javascript:alert",
            "onclick",
            "opener\"",
            "NaN",
            "1e300",
            "\u{202e}",
            "ääää",
        ] {
            assert!(!text.contains(evil), "{evil}");
        }
        page.shows("&lt;script&gt;alert(1)")
            .shows("&lt;a href=")
            .shows("mlat=47.05&amp;mlon=8.31")
            .shows("ekaL");
    })
    .await;
}
