use crate::network::{Gives, Somebody, World, guid, now};
use pappus_federation::{entity::Comment, signature::Relayable};
use pappus_kernel::{
    Error, contact, inbox,
    person::{self, key_change},
    post, sql,
    testing::Member,
};
use std::time::Duration;

fn listed(author: &Somebody, names: &[String]) -> String {
    let post = |name: &String| serde_json::json!({ "id": 1, "guid": guid(name), "public": true, "author": { "guid": author.guid } });
    serde_json::to_string(&names.iter().map(post).collect::<Vec<_>>()).unwrap()
}

/// Mia has written so many posts, which her pod lists.
fn history(world: &World, mia: &Somebody, count: usize) {
    let names: Vec<String> = (0..count).map(|number| format!("old-{number}")).collect();
    for name in &names {
        world.network.serve(
            "far.test",
            "post",
            guid(name).as_str(),
            mia,
            &mia.post(name, "old news @{al; alice@pod.test}"),
        );
    }
    let url = format!("https://far.test/people/{}/stream", mia.guid);
    world.network.put(url, Gives::Body(listed(mia, &names)));
}

async fn home(world: &World, who: &Member) -> usize {
    let stream = pappus_kernel::stream::Stream::Home;
    pappus_kernel::stream::page(&world.pod, who.viewer(), stream, None, 15).await.unwrap().items.len()
}

#[tokio::test]
async fn somebody_new_comes_with_what_they_wrote_once_and_quietly() {
    World::on_both(async |world| {
        let alice = world.member("alice").await;
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        history(&world, &mia, 40);
        let found = person::locate(&world.pod, alice.owner, "https://far.test/u/mia").await.unwrap();
        world.work().await;
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM posts")).await, 15, "a page, no more");
        let friends = world.aspect(&alice, "friends").await;
        contact::share(&world.pod, alice.owner, friends, found.id).await.unwrap();
        person::locate(&world.pod, alice.owner, "mia@far.test").await.unwrap();
        world.work().await;
        assert_eq!(world.network.asked("/stream"), 1);
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM notifications")).await, 0);
        // what is new is told
        world.send(&mia, &mia.post("new", "news @{al; alice@pod.test}")).await;
        world.work().await;
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM notifications")).await, 1);
        assert!(home(&world, &alice).await > 0);
    })
    .await;
}

#[tokio::test]
async fn sharing_with_somebody_fetches_what_they_wrote_and_floods_no_stream() {
    World::on_both(async |world| {
        let alice = world.member("alice").await;
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        history(&world, &mia, 5);
        let known = person::discover(&world.pod, &mia.id).await.unwrap();
        world.work().await;
        assert_eq!(world.network.asked("/stream"), 0, "being known is no reason yet");
        let friends = world.aspect(&alice, "friends").await;
        contact::share(&world.pod, alice.owner, friends, known.id).await.unwrap();
        world.work().await;
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM posts")).await, 5);
        assert_eq!(home(&world, &alice).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_does_not_answer_is_left_alone() {
    World::on_both(async |world| {
        let alice = world.member("alice").await;
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        history(&world, &mia, 5);
        let known = person::discover(&world.pod, &mia.id).await.unwrap();
        let asleep = sql!("UPDATE remote_pods SET retry_at = 9000000000000000, failures = 9");
        assert_eq!(world.run(asleep).await, 1);
        person::locate(&world.pod, alice.owner, "mia@far.test").await.unwrap();
        world.work().await;
        assert_eq!((world.network.asked("/stream"), world.network.asked("/fetch/")), (0, 0));
        assert_eq!(world.run(sql!("UPDATE remote_pods SET retry_at = 0, failures = 0")).await, 1);
        person::locate(&world.pod, alice.owner, "mia@far.test").await.unwrap();
        world.work().await;
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM posts")).await, 5);
        assert!(known.id.0 > 0);
    })
    .await;
}

#[tokio::test]
async fn a_thread_of_an_old_kind_of_pod_comes_comment_by_comment() {
    World::on_both(async |world| {
        let alice = world.member("alice").await;
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let noa = Somebody::on(&world.network, "noa@near.test", 1);
        let eve = Somebody::on(&world.network, "eve@evil.test", 2);
        let on = |author: &Somebody, name: &str, parent: &str| {
            let mut comment =
                Comment::new(author.id.clone(), guid(name), guid(parent), name, now()).unwrap();
            comment.sign(author.key).unwrap();
            comment.into()
        };
        world.send(&mia, &mia.post("root", "talk")).await;
        world.send(&mia, &mia.post("another", "talk")).await;
        world.work().await;
        let net = &world.network;
        net.serve("near.test", "comment", guid("good").as_str(), &noa, &on(&noa, "good", "root"));
        net.serve("far.test", "comment", guid("own").as_str(), &mia, &on(&mia, "own", "root"));
        // signed with another key than its author's; about something else; not what was asked for
        let forger = Somebody { id: noa.id.clone(), guid: noa.guid.clone(), key: eve.key };
        net.serve("near.test", "comment", guid("forged").as_str(), &forger, &on(&forger, "forged", "root"));
        net.serve("evil.test", "comment", guid("astray").as_str(), &eve, &on(&eve, "astray", "another"));
        net.serve("evil.test", "comment", guid("swapped").as_str(), &eve, &on(&eve, "unasked", "root"));
        let comment = |name: &str, author: &Somebody| {
            serde_json::json!({ "guid": guid(name), "author": { "diaspora_id": author.id.as_str() } })
        };
        let all = [
            comment("good", &noa),
            comment("own", &mia),
            comment("forged", &noa),
            comment("astray", &eve),
            comment("swapped", &eve),
        ];
        let json = serde_json::json!({ "guid": guid("root"), "interactions": { "comments": all } });
        net.put(format!("https://far.test/posts/{}", guid("root")), Gives::Body(json.to_string()));

        let shown = async || {
            let root = guid("root");
            let shown = post::show(&world.pod, alice.viewer(), root.as_str()).await.unwrap();
            inbox::refresh_thread(&world.pod, shown.item.id).await.unwrap();
            world.work().await;
            let shown = post::show(&world.pod, alice.viewer(), root.as_str()).await.unwrap().item;
            let mut texts: Vec<String> = shown.comments.into_iter().map(|comment| comment.text).collect();
            texts.sort();
            texts
        };
        // it came as news: what stands below it was sent, too
        assert!(shown().await.is_empty());
        assert_eq!(net.asked("/posts/"), 0);
        world.later(Duration::from_mins(61));
        assert_eq!(shown().await, ["good", "own"]);
        assert_eq!(net.asked("/fetch/comment"), 5);
        shown().await;
        assert_eq!(net.asked("/posts/"), 1, "not at every look");
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM comments")).await, 2);
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM notifications")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_changed_key_is_noticed_and_taken_only_when_an_admin_says_so() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        world.send(&mia, &mia.post("before", "me")).await;
        world.work().await;
        // her pod is set up anew
        let anew = Somebody {
            id: mia.id.clone(),
            guid: guid("mia-again"),
            ..Somebody::on(&world.network, "mia@far.test", 1)
        };
        anew.appear(&world.network);
        world.later(Duration::from_hours(2));
        world.send(&anew, &anew.post("anew", "me again")).await;
        world.work().await;
        assert!(world.has_post("before").await && !world.has_post("anew").await);
        let changes = key_change::list(&world.pod, world.admin()).await.unwrap();
        let [change] = changes.as_slice() else { panic!("{changes:?}") };
        assert!(change.new_account && change.kept != change.shown);
        assert_eq!(change.person.diaspora_id, "mia@far.test");

        let id = change.person.id;
        let accept = async |shown: &str| key_change::accept(&world.pod, world.admin(), id, Some(shown)).await;
        assert!(matches!(accept(&change.kept).await, Err(Error::Conflict("key-changed-again"))));
        accept(&change.shown).await.unwrap();
        assert!(matches!(accept(&change.shown).await, Err(Error::NotFound)));
        world.send(&anew, &anew.post("anew", "me again")).await;
        world.send(&mia, &mia.post("stolen", "the old key")).await;
        world.work().await;
        assert!(world.has_post("anew").await && !world.has_post("stolen").await);
        assert_eq!(
            world.count(sql!("SELECT COUNT(*) FROM audit_log WHERE action = 'person.reset-key'")).await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_stale_profile_is_refreshed_and_key_and_guid_stay() {
    World::on_both(async |world| {
        let alice = world.member("alice").await;
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let known = person::discover(&world.pod, &mia.id).await.unwrap();
        let html = format!("https://far.test/hcard/users/{}", mia.guid);
        let renamed = async |world: &World| {
            person::refresh::refresh(&world.pod, known.id).await.unwrap();
            world.work().await;
            person::show(&world.pod, alice.viewer(), mia.guid.as_str()).await.unwrap().person.name
        };
        world.network.forget();
        assert_eq!(renamed(&world).await, "mia");
        assert_eq!(world.network.asked("webfinger"), 0, "it is fresh");
        world.later(Duration::from_hours(24 * 4));
        let card = world.network.body(&html).replace(">mia<", ">Mia Muster<");
        world.network.put(&html, Gives::Body(card));
        assert_eq!(renamed(&world).await, "Mia Muster");
        assert_eq!(renamed(&world).await, "Mia Muster");
        assert_eq!(world.network.asked("webfinger"), 1);
        assert!(key_change::list(&world.pod, world.admin()).await.unwrap().is_empty());
    })
    .await;
}
