//! What it costs to prepare limited deliveries: one signature for each post, one encryption for each recipient, and the
//! rows of all of it; the sending itself costs nothing here, for the network of this pod takes everything at once.
//!
//! `prepare PODS POSTS`, on SQLite or on what `TEST_POSTGRES` names when `PREPARE_ON=postgres`. It says `ready`, waits
//! for a line, does the work, says what it did, and waits for another line: whoever measures looks at the processor in
//! between. `cargo xtask bench federation` does.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement that fails shall end")]

use async_trait::async_trait;
use pappus_kernel::{
    access::Owner,
    account::{
        session,
        setup::{self, Setup},
        sign_in::sign_in,
    },
    contact::{self, aspect},
    env::{Fetch, FetchError, FetchRequest, FetchResponse},
    id::AspectId,
    job,
    post::{self, Audience, PostText},
    sql,
    testing::{Options, Place, TestPod},
};
use std::{
    collections::BTreeSet,
    io::BufRead as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const PASSWORD: &str = "a good long password";

/// Takes everything, and counts what was encrypted for somebody.
#[derive(Default)]
struct Taken(AtomicUsize);

#[async_trait]
impl Fetch for Taken {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let is_sealed = |(kind, body): &(&str, Vec<u8>)| {
            *kind == "application/json" && body.windows(20).any(|part| part == b"encrypted_magic_enve")
        };
        if request.url.path().starts_with("/receive/users/") && request.post.as_ref().is_some_and(is_sealed) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        let url = request.url;
        Ok(FetchResponse { status: 202, url, content_type: None, retry_after: None, body: Vec::new() })
    }
}

#[tokio::main]
async fn main() {
    let number = |at: usize| std::env::args().nth(at).and_then(|text| text.parse::<usize>().ok());
    let (pods, posts) = (number(1).unwrap_or(200), number(2).unwrap_or(20));
    let place = match std::env::var("PREPARE_ON").as_deref() {
        Ok("postgres") => Place::postgres().await.unwrap(),
        _ => Place::sqlite().await,
    };
    let taken = Arc::new(Taken::default());
    let fetch = Arc::clone(&taken) as Arc<dyn Fetch>;
    let pod = TestPod::with(place, Options { fetch, ..Options::default() }).await;
    let (owner, aspect) = alice(&pod).await;
    befriend(&pod, owner, aspect, pods).await;
    publish(&pod, owner, aspect, 1).await;
    deliver(&pod, &taken, pods).await;
    pause("ready");
    publish(&pod, owner, aspect, posts).await;
    deliver(&pod, &taken, pods * posts).await;
    assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM deliveries")).await, 0, "all of it is done");
    pause(&format!("{}", pods * posts));
}

fn pause(word: &str) {
    println!("{word}");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
}

async fn alice(pod: &TestPod) -> (Owner, AspectId) {
    let form = Setup {
        base_url: pod.site().url(""),
        pod_name: "Bench".into(),
        username: "alice".into(),
        email: "alice@mail.test".into(),
        password: PASSWORD.into(),
        open: true,
        language: "en".into(),
    };
    setup::finish_as_operator(pod, pod.admin(), form).await.unwrap();
    let started = sign_in(pod, "alice", PASSWORD, "bench").await.unwrap();
    let owner = session::find(pod, &started.token).await.unwrap().unwrap().owner().unwrap();
    let aspect = aspect::list(pod, owner).await.unwrap().first().unwrap().id;
    (owner, aspect)
}

/// One person on each of so many pods, all of them with keys of the size that people have.
async fn befriend(pod: &TestPod, owner: Owner, aspect: AspectId, pods: usize) {
    let key = pod.entropy.private_key().unwrap().public().to_pem();
    for number in 0..pods {
        let person = pod.remote(&format!("p@h{number}.many.test")).await;
        let mut tx = pod.db.begin().await.unwrap();
        let change = tx.query(sql!("UPDATE people SET public_key = $2 WHERE id = $1"));
        change.bind(person).bind(&key).run().await.unwrap();
        tx.commit().await.unwrap();
        contact::share(pod, owner, aspect, person).await.unwrap();
    }
    // what sharing itself sends is not measured
    while job::run_due(&pod.pod).await.unwrap() > 0 {}
}

async fn publish(pod: &TestPod, owner: Owner, aspect: AspectId, posts: usize) {
    for number in 0..posts {
        let text =
            PostText::try_from(format!("Limited number {number}, as long as such texts are. ").repeat(4));
        let audience = Audience::Aspects(BTreeSet::from([aspect]));
        post::publish(pod, owner, text.unwrap(), audience, None).await.unwrap();
    }
}

/// The pod's own workers, until so many more copies were encrypted and taken.
async fn deliver(pod: &TestPod, taken: &Taken, copies: usize) {
    let wanted = taken.0.load(Ordering::Relaxed) + copies;
    let enough = async {
        while taken.0.load(Ordering::Relaxed) < wanted {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    job::work(Arc::clone(&pod.pod), enough).await;
    assert_eq!(taken.0.load(Ordering::Relaxed), wanted, "each copy is made once");
}
