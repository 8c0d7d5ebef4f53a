//! What real peers really sent, through the real door: recorded messages come to a pod whose member has the
//! receiver's own key, and everything in them is stored as it should be. The recordings are no part of the
//! project: `PAPPUS_CAPTURES` names their folder, else `shared/peers/captures` beside the work tree is looked at.
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use pappus_federation::{
    DiasporaId, Entity, PublicKey, Timestamp,
    discovery::{HCard, WebFinger},
};
use pappus_kernel::{
    account::sign_up::{self, NewMember},
    db::Sql,
    env::{Fetch, FetchError, FetchRequest, FetchResponse},
    seal::Place as Sealed,
    testing::{Options, Place, TestPod},
};
use pappus_tests::{PASSWORD, Running};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

const NOW: Timestamp = Timestamp::from_micros(1_795_500_000_000_000);

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/peers/captures");
    let folder = std::env::var_os("PAPPUS_CAPTURES").map_or_else(beside, PathBuf::from);
    if !folder.join("messages").is_dir() {
        eprintln!("{} is not there: nothing to read", folder.display());
        return None;
    }
    Some(folder)
}

/// The pods of the recorded people, as far as discovery asks them.
struct Peers(Value);

impl Peers {
    fn answer(&self, request: &FetchRequest) -> Option<String> {
        let people = self.0.as_object()?;
        let of = |id: &str| {
            let person = people.get(id)?;
            let base = format!("{}/", person["url"].as_str()?.trim_end_matches('/'));
            Some((person, base))
        };
        if request.url.path() == "/.well-known/webfinger" {
            let (_, resource) = request.url.query_pairs().find(|(name, _)| name == "resource")?;
            let id: DiasporaId = resource.strip_prefix("acct:")?.parse().ok()?;
            let (person, base) = of(id.as_str())?;
            return Some(WebFinger::local(&id, &person["guid"].as_str()?.parse().ok()?, &base).to_jrd());
        }
        let guid = request.url.path().strip_prefix("/hcard/users/")?;
        let (id, _) = people.iter().find(|(_, person)| person["guid"] == guid)?;
        let (person, base) = of(id)?;
        let card = HCard {
            guid: guid.parse().ok()?,
            nickname: None,
            full_name: id.clone(),
            first_name: None,
            last_name: None,
            public_key: PublicKey::from_pem(person["exported_key"].as_str()?).ok()?,
            photo_large_url: format!("{base}l.png"),
            photo_medium_url: format!("{base}m.png"),
            photo_small_url: format!("{base}s.png"),
            searchable: true,
        };
        Some(card.to_html(&base))
    }
}

#[async_trait]
impl Fetch for Peers {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let answer = self.answer(&request);
        let status = if answer.is_some() { 200 } else { 404 };
        let body = answer.unwrap_or_default().into_bytes();
        Ok(FetchResponse { status, url: request.url, content_type: None, retry_after: None, body })
    }
}

/// A recorded message for one receiver.
struct Message {
    path: String,
    kind: String,
    content_type: String,
    body: Vec<u8>,
    entity: Entity,
}

fn messages(folder: &Path, receiver: &str) -> Vec<Message> {
    let peers = fs::read_dir(folder.join("messages")).unwrap().map(|peer| peer.unwrap().path());
    let mut files: Vec<PathBuf> =
        peers.flat_map(|peer| fs::read_dir(peer).unwrap().map(|file| file.unwrap().path())).collect();
    files.sort();
    let meta = files.iter().filter_map(|file| file.to_str().unwrap().strip_suffix(".meta.json"));
    let read = |stem: &str| {
        let about: Value = serde_json::from_slice(&fs::read(format!("{stem}.meta.json")).unwrap()).unwrap();
        let path = about["path"].as_str().unwrap().to_owned();
        let ending = if path.starts_with("/receive/users/") { "json" } else { "xml" };
        let payload = fs::read_to_string(format!("{stem}.payload.xml")).unwrap();
        let name = stem.rsplit('/').next().unwrap();
        (about["receiver"] == receiver).then(|| Message {
            path,
            kind: name.split('.').next().unwrap().to_owned(),
            content_type: about["content_type"].as_str().unwrap().to_owned(),
            body: fs::read(format!("{stem}.{ending}")).unwrap(),
            entity: Entity::parse(&payload, NOW).unwrap(),
        })
    };
    // what others hang on comes first, what takes back comes last
    let order = ["profile", "contact", "status_message", "reshare", "photo", "conversation", "participation"];
    let mut all: Vec<Message> = meta.filter_map(read).collect();
    all.sort_by_key(|message| match message.kind.as_str() {
        "retraction" => order.len() + 1,
        kind => order.iter().position(|one| *one == kind).unwrap_or(order.len()),
    });
    all
}

fn persons(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("keys/persons.json")).unwrap()).unwrap()
}

/// A pod at the receiver's host, where they are a member with their own guid and key.
async fn receiver(place: Place, folder: &Path, id: &str) -> Running {
    let persons = persons(folder);
    let (name, host) = id.split_once('@').unwrap();
    let guid = persons[id]["guid"].as_str().unwrap().to_owned();
    let options = Options {
        base_url: format!("https://{host}/"),
        fetch: Arc::new(Peers(persons)),
        ..Options::default()
    };
    let running = Running::set_up(TestPod::with(place, options).await).await;
    let new = NewMember {
        username: name.into(),
        email: format!("{name}@mail.test"),
        password: PASSWORD.into(),
        language: "en".into(),
    };
    sign_up::create_as_operator(&running.pod, running.pod.admin(), new, false).await.unwrap();
    let pem = |kind: &str| fs::read_to_string(folder.join(format!("keys/{id}.{kind}.pem"))).unwrap();
    let place = Sealed { table: "users", row: name, column: "private_key" };
    let sealed = running.pod.seal(place, pem("private").as_bytes()).unwrap();
    let mut tx = running.pod.db.begin().await.unwrap();
    let person = sql("UPDATE people SET guid = $1, public_key = $2 WHERE diaspora_id = $3");
    let person = tx.query(person).bind(&guid).bind(pem("public")).bind(id);
    assert_eq!(person.run().await.unwrap(), 1);
    let user = sql("UPDATE users SET private_key = $1 WHERE username = $2");
    assert_eq!(tx.query(user).bind(sealed).bind(name).run().await.unwrap(), 1);
    tx.commit().await.unwrap();
    running
}

const fn sql(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text, at: "the captures" }
}

async fn rows(running: &Running, text: &'static str) -> BTreeSet<String> {
    running.pod.db.read().await.unwrap().query(sql(text)).scalars().await.unwrap().into_iter().collect()
}

/// Sends those messages and lets the pod work on them.
async fn send(running: &Running, messages: &[Message], which: impl Fn(&Message) -> bool) -> usize {
    let mut sent = 0;
    for message in messages.iter().filter(|message| which(message)) {
        let request = Request::post(&message.path).header(header::CONTENT_TYPE, &message.content_type);
        let answer = running.browser().send(request.body(Body::from(message.body.clone())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", message.path);
        running.run_jobs().await;
        sent += 1;
    }
    sent
}

async fn everything_recorded_arrives(place: Place, folder: &Path, id: &str) {
    let running = receiver(place, folder, id).await;
    let all = messages(folder, id);
    assert!(all.len() > 30, "{}", all.len());
    let retracts = |message: &Message| message.kind == "retraction";
    let mut sent = send(&running, &all, |message| !retracts(message)).await;

    let posts = rows(&running, "SELECT guid || ' ' || text FROM posts").await;
    let comments = rows(&running, "SELECT guid FROM comments").await;
    let first_names = rows(
        &running,
        "SELECT p.diaspora_id || ' ' || f.first_name FROM people p JOIN profiles f ON f.person_id = p.id",
    );
    let first_names = first_names.await;
    let known: BTreeSet<String> = rows(&running, "SELECT guid FROM posts").await;
    let people = persons(folder);
    let has_key = |author: &DiasporaId| people.get(author.as_str()).is_some();
    let mut found = 0;
    for message in &all {
        match &message.entity {
            Entity::StatusMessage(post) => {
                assert!(
                    posts.contains(&format!("{} {}", post.guid, post.text)),
                    "{} of {}",
                    post.guid,
                    post.author
                );
                found += 1;
            }
            // who was not recorded cannot be found, so what they wrote cannot be verified
            Entity::Comment(comment)
                if known.contains(comment.parent_guid.as_str()) && has_key(&comment.author) =>
            {
                assert!(comments.contains(comment.guid.as_str()), "{} of {}", comment.guid, comment.author);
                found += 1;
            }
            Entity::Profile(profile) if profile.author.as_str() != id => {
                let name = format!("{} ", profile.author);
                assert!(first_names.iter().any(|row| row.starts_with(&name)), "{name}");
                found += 1;
            }
            _ => {}
        }
    }
    assert!(found > 10, "only {found} things were looked for");

    sent += send(&running, &all, retracts).await;
    let left = rows(&running, "SELECT guid FROM posts").await;
    let mut gone = 0;
    for message in all.iter().filter(|message| retracts(message)) {
        let Entity::Retraction(retraction) = &message.entity else { panic!("{}", message.kind) };
        if known.contains(retraction.target_guid.as_str()) {
            assert!(
                !left.contains(retraction.target_guid.as_str()),
                "{} is still there",
                retraction.target_guid
            );
            gone += 1;
        }
    }
    assert_eq!(sent, all.len());
    // what refers to things or people that nobody recorded may wait for them; nothing else may
    let waiting =
        rows(&running, "SELECT last_error FROM jobs WHERE kind = 'receive' AND last_error IS NOT NULL").await;
    eprintln!("{id}: {sent} messages, {found} found, {gone} taken back; waiting: {waiting:?}");
    let may_wait = ["not known", "not found", "did not have it"];
    assert!(waiting.iter().all(|error| may_wait.iter().any(|why| error.contains(why))), "{waiting:?}");
}

#[tokio::test]
async fn every_recorded_message_is_received_and_stored() {
    let Some(folder) = folder() else { return };
    for id in ["rudi@dfgem.test", "fay@fed.test"] {
        everything_recorded_arrives(Place::sqlite().await, &folder, id).await;
        if let Some(place) = Place::postgres().await {
            everything_recorded_arrives(place, &folder, id).await;
        }
    }
}
