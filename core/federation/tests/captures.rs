//! What real peers really sent: recorded messages and documents, where a folder of them is
//! named by `PAPPUS_CAPTURES`. Such recordings are not part of the project, so without the
//! folder there is nothing to test.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use pappus_federation::discovery::{HCard, WebFinger, host_meta, nodeinfo};
use pappus_federation::receive;
use pappus_federation::{DiasporaId, PrivateKey, PublicKey, Timestamp};
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

fn captures() -> Option<PathBuf> {
    let folder = std::env::var_os("PAPPUS_CAPTURES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("PAPPUS_CAPTURES is not set: nothing to read");
    }
    folder
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
    let (mut read, mut signed) = (0, 0);
    for meta in files(&folder.join("messages"), ".meta.json") {
        let about: Value = serde_json::from_slice(&fs::read(&meta).unwrap()).unwrap();
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
        let Some(key) = public_key(&folder, opened.sender()) else { continue };
        let payload = opened.verify(&key, NOW).unwrap_or_else(|refused| panic!("{stem}: {refused}"));
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
    assert!(read >= 80 && signed >= 8);
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
