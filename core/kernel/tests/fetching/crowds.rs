//! Crowds of strangers with hosts that never answer: they keep each other waiting, and nobody else.
use crate::network::{Gives, Somebody, World, guid, now};
use pappus_federation::{
    entity::{Comment, Entity},
    signature::Relayable as _,
};
use pappus_kernel::{
    contact,
    inbox::{self, Delivery},
    job, sql,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, oneshot};

async fn until(world: &World, count: i64, what: pappus_kernel::db::Sql) {
    while world.count(what).await != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn strangers_with_hosts_that_never_answer_leave_room_for_pods_that_are_known() {
    World::on_both(async |world| {
        let (alice, mia) = (world.member("alice").await, Somebody::on(&world.network, "mia@far.test", 0));
        world.send(&mia, &mia.post("root", "talk")).await;
        world.work().await;
        let mut conn = world.db.read().await.unwrap();
        let hers = pappus_kernel::person::store::find_by_diaspora_id(&mut conn, "mia@far.test")
            .await
            .unwrap()
            .unwrap()
            .id;
        drop(conn);
        let friends = world.aspect(&alice, "friends").await;
        contact::share(&world.pod, alice.owner, friends, hers).await.unwrap();
        world.work().await;
        let over = Arc::new(Notify::new());
        for number in 0..30 {
            let id = format!("x@h{number}.evil.test");
            let eve = Somebody { id: id.parse().unwrap(), guid: guid("eve"), key: mia.key };
            let url = format!("https://h{number}.evil.test/.well-known/webfinger?resource=acct:{id}");
            world.network.put(url, Gives::Held(Arc::clone(&over)));
            let body = eve.envelope(&eve.post(&format!("noise-{number}"), "noise")).into_bytes();
            let from = format!("203.0.113.{number}");
            inbox::accept_public(&world.pod, Delivery { body, from }).await.unwrap();
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = world.pod.tasks.spawn(job::work(Arc::clone(&world.pod.pod), async {
            let _ = stopped.await;
        }));
        while world.network.asked("evil.test") < 8 {
            tokio::task::yield_now().await;
        }
        // who waits for another machine for long keeps no place of the worker's
        world.later(Duration::from_secs(1));
        // those beyond the places that strangers have wait for another time
        until(&world, 22, sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'receive' AND failures = 1")).await;
        assert_eq!(world.network.asked("evil.test"), 8);
        // somebody new speaks below a post of a pod that is known
        let noa = Somebody::on(&world.network, "noa@new.test", 1);
        let mut comment = Comment::new(noa.id.clone(), guid("c"), guid("root"), "hm", now()).unwrap();
        comment.sign(noa.key).unwrap();
        world.send(&mia, &Entity::Comment(comment)).await;
        until(&world, 1, sql!("SELECT COUNT(*) FROM comments")).await;
        over.notify_waiters();
        stop.send(()).unwrap();
        worker.await.unwrap();
    })
    .await;
}
