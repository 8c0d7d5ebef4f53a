//! What is sent is sent once, whenever its worker dies or loses its lease.
use crate::{Does, Net, give_key, on_both, run, waiting};
use pappus_federation::key::PrivateKey;
use pappus_kernel::{
    contact, job,
    post::{self, Audience, PostText},
    sql,
    testing::TestPod,
};
use std::{
    future::ready,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// A member with a contact on another pod publishes something, and a job waits that sends it.
async fn published(pod: &TestPod, net: &Net, text: &str) {
    let alice = pod.member("alice").await;
    give_key(pod, &alice, "alice", &PrivateKey::generate_small().unwrap()).await;
    let friends = pod.aspect(&alice, "friends").await;
    let far = pod.remote("a@far.test").await;
    contact::share(pod, alice.owner, friends, far).await.unwrap();
    run(pod).await;
    net.taken();
    let text = PostText::try_from(text.to_owned()).unwrap();
    post::publish(pod, alice.owner, text, Audience::Public, None).await.unwrap();
}

fn sent(net: &Net) -> usize {
    net.taken().iter().filter(|(_, path, _)| path == "/receive/public").count()
}

async fn payloads(pod: &TestPod) -> i64 {
    pod.count(sql!("SELECT COUNT(*) FROM payloads")).await
}

#[tokio::test]
async fn a_worker_that_is_killed_after_its_commit_sends_nothing_twice() {
    on_both(async |pod, net| {
        published(&pod, &net, "hello").await;
        let before = payloads(&pod).await;
        {
            let mut worker = pin!(job::run_due(&pod.pod));
            while payloads(&pod).await == before {
                // one step of the worker, and a look at what is there now
                tokio::select! {
                    biased;
                    _ = &mut worker => panic!("it came to an end before anything was seen"),
                    () = ready(()) => {}
                }
            }
        }
        assert_eq!((payloads(&pod).await, sent(&net)), (before + 1, 0), "it was killed in between");
        pod.clock.advance(Duration::from_secs(61));
        run(&pod).await;
        assert_eq!((sent(&net), pod.count(waiting()).await), (1, 0));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch'")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_sends_nothing_that_another_has_sent() {
    on_both(async |pod, net| {
        net.set("slow.test", Does::Hang);
        published(&pod, &net, "hello @{Zoe; zoe@slow.test}").await;
        let first = Arc::clone(&pod.pod);
        let first = tokio::spawn(async move { job::run_due(&first).await.unwrap() });
        while net.hanging.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        pod.clock.advance(Duration::from_secs(61));
        net.set("slow.test", Does::Answer(404));
        run(&pod).await;
        assert_eq!(sent(&net), 1, "the other worker");
        net.gate.add_permits(100);
        first.await.unwrap();
        run(&pod).await;
        assert_eq!((sent(&net), payloads(&pod).await), (0, 0), "and then the first had nothing left to do");
    })
    .await;
}
