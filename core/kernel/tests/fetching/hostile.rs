use crate::network::{Gives, Network, Somebody, World, guid, now};
use pappus_federation::{
    entity::{Comment, Entity, Kind, Reshare, Retraction},
    id::DiasporaUri,
    key::PublicKey,
    sealed,
    signature::Relayable as _,
};
use pappus_kernel::{
    Error,
    account::sign_up,
    env::Clock as _,
    inbox, person,
    post::{self, Audience, PostText},
    remote_pod, sql,
};
use std::time::Duration;

fn link(author: &Somebody, name: &str) -> String {
    let uri = DiasporaUri { author: author.id.clone(), entity: "post".into(), guid: guid(name) };
    format!("see {uri} and")
}

/// `count` posts, each with a link to the next.
fn chain(network: &Network, mia: &Somebody, count: usize) {
    for number in 1..=count {
        let text = link(mia, &format!("link-{}", number + 1));
        let post = mia.post(&format!("link-{number}"), &text);
        network.serve("far.test", "post", guid(&format!("link-{number}")).as_str(), mia, &post);
    }
}

#[tokio::test]
async fn a_chain_of_links_is_followed_three_steps() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        chain(&world.network, &mia, 100);
        world.send(&mia, &mia.post("first", &link(&mia, "link-1"))).await;
        world.work().await;
        assert!(world.has_post("first").await);
        for (number, followed) in [(1, true), (2, true), (3, true), (4, false), (5, false)] {
            assert_eq!(world.has_post(&format!("link-{number}")).await, followed, "{number}");
        }
        assert_eq!(world.network.asked("/fetch/"), 3);
        assert_eq!(world.waiting().await, 0, "nothing is tried again for a link");
    })
    .await;
}

#[tokio::test]
async fn a_fan_of_links_costs_a_few_requests() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let mut text = String::new();
        for number in 0..100 {
            let name = format!("leaf-{number}");
            world.network.serve("far.test", "post", guid(&name).as_str(), &mia, &mia.post(&name, "leaf"));
            text.push_str(&link(&mia, &name));
        }
        world.send(&mia, &mia.post("first", &text)).await;
        world.work().await;
        assert!(world.has_post("leaf-0").await);
        let fetched = world.network.asked("/fetch/");
        assert!((1..=5).contains(&fetched), "{fetched}");
        assert!(!world.has_post("leaf-99").await);
    })
    .await;
}

#[tokio::test]
async fn a_fan_of_names_costs_a_few_requests() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let names: String = (0..100).map(|number| format!("@{{a; a@victim{number}.test}} ")).collect();
        world.send(&mia, &mia.post("first", &names)).await;
        world.work().await;
        assert!(world.has_post("first").await);
        let asked = world.network.asked("victim");
        assert!((1..=12).contains(&asked), "{asked}");
    })
    .await;
}

/// A reshare of a reshare of a reshare, `length` times, each by somebody else, and then a post: all but the first are
/// to be had. Gives that one, and who sends it.
fn passed_on(network: &Network, length: usize) -> (Somebody, Entity) {
    let people: Vec<_> =
        (0..=length).map(|number| Somebody::on(network, &format!("m{number}@far.test"), 0)).collect();
    let name = |number: usize| guid(&format!("pass-{number}"));
    let reshare = |number: usize| -> Entity {
        let root = (people[number + 1].id.clone(), name(number + 1));
        Reshare::new(people[number].id.clone(), name(number), now(), root).into()
    };
    let end = people[length].post(&format!("pass-{length}"), "the end of it");
    network.serve("far.test", "post", name(length).as_str(), &people[length], &end);
    for (number, author) in people.iter().enumerate().take(length).skip(1) {
        network.serve("far.test", "post", name(number).as_str(), author, &reshare(number));
    }
    let first = reshare(0);
    (people.into_iter().next().unwrap(), first)
}

#[tokio::test]
async fn a_long_chain_of_reshares_is_read_to_its_end() {
    // each part of three twice, the last one once
    for (length, asked) in [(3, 3), (4, 4 + 3), (8, 8 + 6), (15, 15 + 12)] {
        World::on_both(async |world| {
            let (sender, first) = passed_on(&world.network, length);
            world.send(&sender, &first).await;
            for _ in 0..6 {
                world.work().await;
                world.later(Duration::from_mins(1));
            }
            for number in 0..=length {
                assert!(world.has_post(&format!("pass-{number}")).await, "{number} of {length}");
            }
            assert_eq!((world.network.asked("/fetch/"), world.waiting().await), (asked, 0), "{length}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_chain_of_reshares_without_an_end_is_refused_for_the_admin_to_see() {
    World::on_both(async |world| {
        let (sender, first) = passed_on(&world.network, 100);
        world.send(&sender, &first).await;
        world.work().await;
        assert_eq!((world.network.asked("/fetch/"), world.waiting().await), (18, 1), "it comes again");
        for _ in 0..10 {
            world.later(Duration::from_hours(1));
            world.work().await;
        }
        assert_eq!((world.network.asked("/fetch/"), world.waiting().await), (18 + 15, 0));
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM jobs")).await, 0);
        let trace = remote_pod::trace(&world.pod, world.admin(), guid("pass-0").as_str()).await.unwrap();
        let last = trace.events.last().unwrap();
        let reason = "it stands at the end of a longer chain than is followed";
        assert_eq!((last.result.as_str(), last.reason.as_deref()), ("spent", Some(reason)));
    })
    .await;
}

#[tokio::test]
async fn references_in_a_circle_end() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let reshare = |name: &str, of: &str| -> Entity {
            Reshare::new(mia.id.clone(), guid(name), now(), (mia.id.clone(), guid(of))).into()
        };
        world.network.serve("far.test", "post", guid("one").as_str(), &mia, &reshare("one", "two"));
        world.network.serve("far.test", "post", guid("two").as_str(), &mia, &reshare("two", "one"));
        world.send(&mia, &reshare("one", "two")).await;
        world.work().await;
        assert_eq!(world.network.asked("/fetch/"), 2);
        let (ping, pong) = (link(&mia, "pong"), link(&mia, "ping"));
        world.network.serve("far.test", "post", guid("ping").as_str(), &mia, &mia.post("ping", &ping));
        world.network.serve("far.test", "post", guid("pong").as_str(), &mia, &mia.post("pong", &pong));
        world.network.forget();
        world.send(&mia, &mia.post("start", &link(&mia, "ping"))).await;
        world.work().await;
        assert!(world.has_post("ping").await && world.has_post("pong").await);
        assert_eq!(world.network.asked("/fetch/"), 2);
    })
    .await;
}

#[tokio::test]
async fn a_host_that_answers_for_others_is_not_believed() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let eve = Somebody::on(&world.network, "eve@evil.test", 1);
        let forger = Somebody { id: mia.id.clone(), guid: mia.guid.clone(), key: eve.key };
        // in mia's name, with eve's key
        world.network.serve(
            "evil.test",
            "post",
            guid("forged").as_str(),
            &forger,
            &mia.post("forged", "lie"),
        );
        // good, and not what was asked for
        world.network.serve(
            "evil.test",
            "post",
            guid("other").as_str(),
            &eve,
            &eve.post("something", "else"),
        );
        // mia's own: whoever hands it out
        world.network.serve("evil.test", "post", guid("passed").as_str(), &mia, &mia.post("passed", "true"));
        let text = ["forged", "other", "passed"].map(|name| link(&eve, name)).concat();
        world.send(&eve, &eve.post("first", &text)).await;
        world.work().await;
        assert_eq!(world.network.asked("evil.test/fetch/"), 3);
        assert!(!world.has_post("forged").await && !world.has_post("something").await);
        assert!(world.has_post("passed").await);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_to_be_had_is_asked_for_once_and_again_later() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let comment = |name: &str, parent: &str| -> Entity {
            Comment::new(mia.id.clone(), guid(name), guid(parent), "hm", now()).unwrap().into()
        };
        for (parent, gives) in [
            ("round", Gives::Round),
            ("gone", Gives::Status(410)),
            ("failing", Gives::Status(503)),
            ("silent", Gives::Nothing),
            ("broken", Gives::Body("<nonsense".into())),
        ] {
            let url = format!("https://far.test/fetch/post/{}", guid(parent));
            world.network.put(url, gives);
            for number in 0..20 {
                world.send(&mia, &comment(&format!("{parent}-{number}"), parent)).await;
            }
            world.network.forget();
            let before = world.waiting().await;
            world.work().await;
            assert_eq!(world.network.asked("/fetch/"), 1, "{parent}");
            assert_eq!(world.waiting().await, before, "they wait for their parent");
        }
        // the parent comes after all
        let url = format!("https://far.test/fetch/post/{}", guid("gone"));
        world.network.put(url, Gives::Body(mia.envelope(&mia.post("gone", "back"))));
        world.later(Duration::from_hours(1));
        world.work().await;
        assert!(world.has_post("gone").await);
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM comments")).await, 20);
    })
    .await;
}

#[tokio::test]
async fn a_comment_makes_no_pod_but_its_own_and_its_senders_be_asked() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let eve = Somebody::on(&world.network, "eve@evil.test", 1);
        // eve passes on a comment by mia on a post that she says is hers
        let mut comment = Comment::new(mia.id.clone(), guid("c"), guid("hers"), "hm", now()).unwrap();
        comment.sign(mia.key).unwrap();
        world.network.serve("evil.test", "post", guid("hers").as_str(), &eve, &eve.post("hers", "mine"));
        world.send(&eve, &comment.clone().into()).await;
        world.work().await;
        assert_eq!((world.network.asked("evil.test/fetch/"), world.network.asked("far.test/fetch/")), (1, 0));
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM comments")).await, 1);
        // for one that mia did not sign, nobody is asked for anything but her key, and it is not tried again
        let mut forged = Comment::new(mia.id.clone(), guid("d"), guid("other"), "hm", now()).unwrap();
        forged.sign(eve.key).unwrap();
        world.network.serve("evil.test", "post", guid("other").as_str(), &eve, &eve.post("other", "mine"));
        world.network.forget();
        world.send(&eve, &forged.into()).await;
        world.work().await;
        assert_eq!((world.network.asked("/fetch/"), world.waiting().await), (0, 0));
    })
    .await;
}

fn dislike(author: &Somebody, name: &str, kind: &str, of: &str) -> Entity {
    let (id, guid) = (&author.id, guid(name));
    let xml = format!(
        "<like><author>{id}</author><guid>{guid}</guid><parent_guid>{of}</parent_guid>\
         <parent_type>{kind}</parent_type><positive>false</positive></like>"
    );
    let Ok(Entity::Like(mut like)) = Entity::parse(&xml, now()) else { panic!("no like: {xml}") };
    like.sign(author.key).unwrap();
    Entity::Like(like)
}

#[tokio::test]
async fn somebody_dislikes_something_once_however_often_they_say_so() {
    World::on_both(async |world| {
        let alice = world.member("alice").await;
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let noa = Somebody::on(&world.network, "noa@near.test", 1);
        let text = PostText::try_from("like it?".to_owned()).unwrap();
        let post = post::publish(&world.pod, alice.owner, text, Audience::Public, None).await.unwrap().guid;
        let mut comment =
            Comment::new(mia.id.clone(), guid("c"), post.parse().unwrap(), "hm", now()).unwrap();
        comment.sign(mia.key).unwrap();
        world.send(&mia, &comment.into()).await;
        let kept = sql!("SELECT COUNT(*) FROM raw_entities");
        let relayed = sql!("SELECT COUNT(*) FROM relay_payloads WHERE kind = 'like'");
        for number in 0..20 {
            world.send(&mia, &dislike(&mia, &format!("bad-{number}"), "Post", &post)).await;
        }
        world.send(&noa, &dislike(&noa, "bad-noa", "Post", &post)).await;
        world.send(&mia, &dislike(&mia, "bad-c", "Comment", guid("c").as_str())).await;
        world.work().await;
        assert_eq!((world.count(kept).await, world.count(relayed).await, world.waiting().await), (3, 3, 0));
        // who takes it back may say it again
        let back = Retraction::new(mia.id.clone(), Kind::Like, guid("bad-0"));
        world.send(&mia, &Entity::Retraction(back)).await;
        world.work().await;
        assert_eq!((world.count(kept).await, world.count(relayed).await), (2, 2));
        world.send(&mia, &dislike(&mia, "bad-again", "Post", &post)).await;
        world.work().await;
        assert_eq!((world.count(kept).await, world.count(relayed).await), (3, 3));
        assert_eq!(world.count(sql!("SELECT CAST(SUM(likes_count) AS BIGINT) FROM posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_inbox_that_is_full_asks_to_come_again_later() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let body = || mia.envelope(&mia.post("hello", "hello")).into_bytes();
        let fill = sql!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO jobs (kind, lane, payload, run_at, state, created_at)
             SELECT 'receive', 0, '{}', CAST($1 AS BIGINT), 'waiting', CAST($1 AS BIGINT) FROM n"
        );
        let mut tx = world.pod.db.begin().await.unwrap();
        tx.query(fill).bind(world.pod.clock.now().plus(Duration::from_hours(1))).run().await.unwrap();
        tx.commit().await.unwrap();
        let refused = inbox::accept_public(&world.pod, body()).await;
        assert!(matches!(refused, Err(Error::TooMany(_))), "{refused:?}");
        // there is room again, and it is noticed within seconds
        let mut tx = world.pod.db.begin().await.unwrap();
        tx.query(sql!("DELETE FROM jobs WHERE payload = '{}'")).run().await.unwrap();
        tx.commit().await.unwrap();
        world.later(Duration::from_secs(6));
        inbox::accept_public(&world.pod, body()).await.unwrap();
        world.work().await;
        assert!(world.has_post("hello").await);
    })
    .await;
}

#[tokio::test]
async fn a_private_message_about_an_unknown_public_post_has_it_fetched() {
    World::on_both(async |world| {
        let new = sign_up::NewMember {
            username: "alice".into(),
            email: "alice@mail.test".into(),
            password: "a good long password".into(),
            language: "en".into(),
        };
        sign_up::create_as_operator(&world.pod, world.admin(), new, true).await.unwrap();
        let card = person::card_by_username(&world.pod, "alice").await.unwrap();
        let key = PublicKey::from_pem(&card.public_key).unwrap();
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        for (name, known) in [("public", true), ("limited", false)] {
            let comment =
                Comment::new(mia.id.clone(), guid(&format!("c-{name}")), guid(name), "hm", now()).unwrap();
            if known {
                world.network.serve("far.test", "post", guid(name).as_str(), &mia, &mia.post(name, "hello"));
            }
            let mut fill = |bytes: &mut [u8]| bytes.fill(7);
            let body = sealed::seal(&mia.envelope(&comment.into()), &key, &mut fill).unwrap();
            inbox::accept_private(&world.pod, &card.guid, body.into_bytes()).await.unwrap();
        }
        world.work().await;
        assert!(world.has_post("public").await && !world.has_post("limited").await);
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM comments")).await, 1);
        assert_eq!(world.waiting().await, 1, "the other waits for its parent");
    })
    .await;
}
