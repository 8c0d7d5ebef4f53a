//! Threads that are longer than one run: they come whole after a single look, and have an end all the same.
use crate::network::{Gives, Network, Somebody, World, guid, now};
use pappus_federation::{
    entity::{Comment, Entity},
    signature::Relayable,
};
use pappus_kernel::{id::PostId, inbox, post, sql};
use std::time::Duration;

/// A comment below the post that `mia` wrote.
fn comment(author: &Somebody, name: &str) -> Entity {
    let mut comment = Comment::new(author.id.clone(), guid(name), guid("root"), name, now()).unwrap();
    comment.sign(author.key).unwrap();
    comment.into()
}

/// A remote post that somebody here may look at.
async fn root(world: &World, mia: &Somebody) -> PostId {
    let alice = world.member("alice").await;
    world.send(mia, &mia.post("root", "talk")).await;
    world.work().await;
    world.later(Duration::from_mins(61));
    post::show(&world.pod, alice.viewer(), guid("root").as_str()).await.unwrap().item.id
}

async fn comments(world: &World) -> i64 {
    world.count(sql!("SELECT COUNT(*) FROM comments")).await
}

/// So many runs, each in its time, and what is there after each.
async fn runs(world: &World, count: usize) -> Vec<i64> {
    let mut counts = Vec::new();
    for _ in 0..count {
        world.work().await;
        counts.push(comments(world).await);
        world.later(Duration::from_mins(1));
    }
    counts
}

async fn jobs(world: &World) -> i64 {
    world.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'fetch_thread'")).await
}

#[tokio::test]
async fn a_long_thread_of_an_old_kind_of_pod_comes_whole_after_one_look() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let noa = Somebody::on(&world.network, "noa@near.test", 1);
        let post = root(&world, &mia).await;
        let mut listed = Vec::new();
        // the first comments are by somebody whose pod does not have them any more
        for number in 0..180 {
            let (name, author) = (format!("remark-{number}"), if number % 2 == 0 { &mia } else { &noa });
            if number >= 50 {
                let entity = comment(author, &name);
                let name = guid(&name);
                world.network.serve(author.id.host(), "comment", name.as_str(), author, &entity);
            }
            listed.push(
                serde_json::json!({ "guid": guid(&name), "author": { "diaspora_id": author.id.as_str() } }),
            );
        }
        let json = serde_json::json!({ "guid": guid("root"), "interactions": { "comments": listed } });
        world.network.put(format!("https://far.test/posts/{}", guid("root")), Gives::Body(json.to_string()));

        inbox::refresh_thread(&world.pod, post).await.unwrap();
        assert_eq!(runs(&world, 6).await, [0, 30, 70, 110, 130, 130]);
        assert_eq!(world.network.asked("/fetch/comment"), 180, "each once");
        assert_eq!(jobs(&world).await, 0);
    })
    .await;
}

/// Pages of twenty pieces each, as a pod like this one hands them out.
fn hand_out(network: &Network, mia: &Somebody, comments: &[(String, Entity)]) {
    for (number, part) in comments.chunks(20).enumerate() {
        let piece = |(name, entity): &(String, Entity)| serde_json::json!({ "kind": "Comment", "guid": guid(name), "envelope": mia.envelope(entity) });
        let more = (number + 1) * 20 < comments.len();
        let page = serde_json::json!({
            "items": part.iter().map(piece).collect::<Vec<_>>(),
            "next": more.then(|| format!("c{}", number + 1)),
        });
        let after = if number == 0 { String::new() } else { format!("c{number}") };
        let url = format!("https://far.test/-/thread/{}?after={after}", guid("root"));
        network.put(url, Gives::Body(page.to_string()));
    }
}

#[tokio::test]
async fn a_thread_in_which_many_speak_comes_whole_after_one_look() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let post = root(&world, &mia).await;
        let said: Vec<_> = (0..130)
            .map(|number| {
                let id = format!("n{number}@near{}.test", number % 3);
                let name = format!("remark-{number}");
                let entity = comment(&Somebody::on(&world.network, &id, 1), &name);
                (name, entity)
            })
            .collect();
        hand_out(&world.network, &mia, &said);

        inbox::refresh_thread(&world.pod, post).await.unwrap();
        assert_eq!(runs(&world, 4).await, [60, 120, 130, 130], "so many people are looked up in one run");
        assert_eq!(world.network.asked("webfinger?resource=acct:n"), 130, "each once");
        assert_eq!(jobs(&world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_long_thread_is_read_ten_pages_at_a_time() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let noa = Somebody::on(&world.network, "noa@near.test", 1);
        let post = root(&world, &mia).await;
        let said: Vec<_> = (0..230)
            .map(|number| (format!("remark-{number}"), comment(&noa, &format!("remark-{number}"))))
            .collect();
        hand_out(&world.network, &mia, &said);
        // the pod has too much to do when it is asked for the second page, once
        let second = format!("https://far.test/-/thread/{}?after=c1", guid("root"));
        let page = world.network.body(&second);
        world.network.put(&second, Gives::Status(429));
        inbox::refresh_thread(&world.pod, post).await.unwrap();
        assert_eq!(runs(&world, 1).await, [20]);
        world.network.put(&second, Gives::Body(page));
        assert_eq!(runs(&world, 3).await, [220, 230, 230]);
        assert_eq!(world.network.asked("/-/thread/"), 13);
        assert_eq!(jobs(&world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_thread_that_breaks_off_goes_on_when_its_pod_is_back() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let noa = Somebody::on(&world.network, "noa@near.test", 1);
        let post = root(&world, &mia).await;
        let said: Vec<_> = (0..230)
            .map(|number| (format!("remark-{number}"), comment(&noa, &format!("remark-{number}"))))
            .collect();
        hand_out(&world.network, &mia, &said);
        inbox::refresh_thread(&world.pod, post).await.unwrap();
        assert_eq!(runs(&world, 1).await, [200]);
        let eleventh = format!("https://far.test/-/thread/{}?after=c10", guid("root"));
        let page = world.network.body(&eleventh);
        world.network.put(&eleventh, Gives::Nothing);
        // it does not answer, and then it is known to be away and not even asked
        for _ in 0..4 {
            world.work().await;
            world.later(Duration::from_hours(3));
        }
        let away = sql!("UPDATE remote_pods SET retry_at = 4000000000000000 WHERE host = 'far.test'");
        world.run(away).await;
        for _ in 0..4 {
            world.work().await;
            world.later(Duration::from_hours(9));
        }
        let waits = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'fetch_thread' AND state = 'waiting'");
        assert_eq!((comments(&world).await, world.count(waits).await), (200, 1));
        world.run(sql!("UPDATE remote_pods SET retry_at = 0 WHERE host = 'far.test'")).await;
        world.network.put(&eleventh, Gives::Body(page));
        world.later(Duration::from_hours(24));
        assert_eq!(runs(&world, 2).await, [230, 230]);
        assert_eq!(jobs(&world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_thread_without_an_end_is_given_up_for_the_day() {
    World::on_both(async |world| {
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let post = root(&world, &mia).await;
        let page = serde_json::json!({ "items": [], "next": "c1" }).to_string();
        for after in ["", "c1"] {
            let url = format!("https://far.test/-/thread/{}?after={after}", guid("root"));
            world.network.put(url, Gives::Body(page.clone()));
        }
        inbox::refresh_thread(&world.pod, post).await.unwrap();
        runs(&world, 60).await;
        assert_eq!((world.network.asked("/-/thread/"), jobs(&world).await), (400, 0));
        // looking again does not help before the day is over
        world.later(Duration::from_hours(2));
        inbox::refresh_thread(&world.pod, post).await.unwrap();
        runs(&world, 2).await;
        assert_eq!((world.network.asked("/-/thread/"), jobs(&world).await), (400, 0));
        world.later(Duration::from_hours(24));
        inbox::refresh_thread(&world.pod, post).await.unwrap();
        runs(&world, 2).await;
        assert_eq!(world.network.asked("/-/thread/"), 420);
    })
    .await;
}
