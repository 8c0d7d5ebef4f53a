//! What real peers really sent: recorded messages and documents, in the folder that `PAPPUS_CAPTURES`
//! names, or else in `shared/peers/captures` beside the work tree. Such recordings are not part of the
//! project, so without the folder there is nothing to test.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use pappus_federation::discovery::{HCard, WebFinger, host_meta, nodeinfo};
use pappus_federation::receive::{self, Refused, Route};
use pappus_federation::{DiasporaId, PrivateKey, PublicKey, Timestamp};
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

fn captures() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/peers/captures");
    let folder = std::env::var_os("PAPPUS_CAPTURES").map_or_else(beside, PathBuf::from);
    if !folder.join("messages").is_dir() {
        eprintln!("{} is not there: nothing to read", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let peers = fs::read_dir(folder).unwrap().map(|peer| peer.unwrap().path()).filter(|path| path.is_dir());
    let mut found: Vec<_> = peers
        .flat_map(|peer| fs::read_dir(peer).unwrap().map(|file| file.unwrap().path()))
        .filter(|path| path.to_str().unwrap().ends_with(suffix))
        .collect();
    found.sort();
    found
}

fn public_key(folder: &Path, id: &DiasporaId) -> Option<PublicKey> {
    let pem = fs::read_to_string(folder.join(format!("keys/{id}.public.pem"))).ok()?;
    Some(PublicKey::from_pem(&pem).unwrap())
}

#[test]
fn every_recorded_message_is_understood() {
    let Some(folder) = captures() else { return };
    let [fay, rudi] = ["fay@fed.test", "rudi@dfgem.test"].map(|id| public_key(&folder, &id.parse().unwrap()));
    let (mut read, mut signed) = (0, 0);
    let all = files(&folder.join("messages"), ".meta.json");
    for meta in &all {
        let about: Value = serde_json::from_slice(&fs::read(meta).unwrap()).unwrap();
        let stem = meta.to_str().unwrap().strip_suffix(".meta.json").unwrap().to_owned();
        let sealed = PathBuf::from(format!("{stem}.json"));
        let body = if sealed.exists() {
            let receiver = about["receiver"].as_str().unwrap();
            let pem = fs::read_to_string(folder.join(format!("keys/{receiver}.private.pem"))).unwrap();
            receive::unseal(&fs::read(sealed).unwrap(), &PrivateKey::from_pem(&pem).unwrap()).unwrap()
        } else {
            fs::read(format!("{stem}.xml")).unwrap()
        };
        let opened = receive::open(&body).unwrap_or_else(|refused| panic!("{stem}: {refused}"));
        assert_eq!(opened.sender().as_str(), about["sender"].as_str().unwrap(), "{stem}");
        let key = public_key(&folder, opened.sender()).unwrap_or_else(|| panic!("{stem}: no key"));
        let other = if opened.sender().as_str() == "fay@fed.test" { &rudi } else { &fay };
        let twin = receive::open(&body).unwrap().verify(other.as_ref().unwrap(), NOW);
        assert!(twin.is_err(), "{stem}: any key will do");
        let payload = opened.verify(&key, NOW).unwrap_or_else(|refused| panic!("{stem}: {refused}"));
        // files are named by what is in them
        let name = meta.file_name().unwrap().to_str().unwrap().split('.').next().unwrap();
        assert_eq!(payload.entity().name(), name, "{stem}");
        let receiver: DiasporaId = about["receiver"].as_str().unwrap().parse().unwrap();
        let private = about["path"].as_str().unwrap().starts_with("/receive/users/");
        let route = if private { Route::Private { recipient: &receiver } } else { Route::Public };
        let only_private = ["contact", "conversation", "message"].contains(&name);
        let verdict = payload.precheck(route);
        assert_eq!(
            verdict,
            if only_private && !private { Err(Refused::NotPublic) } else { Ok(()) },
            "{stem}"
        );
        read += 1;
        let Some(relayable) = payload.entity().as_relayable() else { continue };
        if relayable.signed().author_signature().is_some()
            && let Some(key) = public_key(&folder, relayable.author())
        {
            assert!(relayable.author_signature_verifies(&key), "{stem}: author signature");
            signed += 1;
        }
    }
    eprintln!("{read} messages, {signed} of them relayables with a signature");
    assert_eq!(read, all.len());
    assert!(read >= 80 && signed >= 8);
}

#[test]
fn every_recorded_answer_to_a_fetch_is_understood() {
    let Some(folder) = captures() else { return };
    for peer in ["diaspora", "friendica", "hubzilla"] {
        let body = fs::read(folder.join(format!("fetch/{peer}-post.xml"))).unwrap();
        // Hubzilla's is of another type than what it sends
        assert_eq!(receive::open(&body).is_ok(), peer != "hubzilla", "{peer}");
        let opened = receive::open_fetched(&body).unwrap_or_else(|refused| panic!("{peer}: {refused}"));
        let key = public_key(&folder, opened.sender()).unwrap();
        let payload = opened.verify(&key, NOW).unwrap_or_else(|refused| panic!("{peer}: {refused}"));
        assert_eq!(payload.entity().name(), "status_message", "{peer}");
        assert_eq!(payload.precheck(Route::Fetch), Ok(()), "{peer}");
    }
}

#[test]
fn every_recorded_document_is_understood() {
    let Some(folder) = captures() else { return };
    let mut read = 0;
    let mut try_all = |suffix: &str, understood: &dyn Fn(&str) -> bool| {
        for file in files(&folder.join("discovery"), suffix) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(understood(&text), "{}", file.display());
            read += 1;
        }
    };
    try_all("webfinger.json", &|text| WebFinger::from_jrd(text.as_bytes()).is_ok());
    try_all("hcard.html", &|text| HCard::from_html(text).map_err(|e| eprintln!("{e}")).is_ok());
    try_all("host-meta.xml", &|text| host_meta::lrdd_template(text).is_ok());
    try_all("nodeinfo-links.json", &|text| nodeinfo::newest_link(text.as_bytes()).is_some());
    try_all("nodeinfo-1.0.json", &|text| nodeinfo::Software::read(text.as_bytes()).is_ok());
    try_all("x-nodeinfo2.json", &|text| nodeinfo::Software::read(text.as_bytes()).is_ok());
    assert!(read >= 20);
}
