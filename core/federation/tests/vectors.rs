//! Every vector of `tests/vectors`, through the code that real messages take.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;

use pappus_federation::envelope::EnvelopeError;
use pappus_federation::receive::{self, Refused};
use pappus_federation::vectors::{self, Report};
use pappus_federation::{PublicKey, Timestamp};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

fn made(reports: &[Report], check: &str) -> usize {
    reports.iter().filter(|report| report.made(check)).count()
}

/// A runner that checks little passes everything, so it is held to its volume too.
#[test]
fn every_vector_passes_and_the_runner_looks_at_everything() {
    let all = vectors::load(&folder()).unwrap();
    let reports: Vec<_> = all.iter().map(vectors::run).collect();
    let failed: Vec<_> = reports.iter().filter(|report| !report.passed()).map(Report::line).collect();
    assert!(failed.is_empty(), "{}\n{}", failed.join("\n"), vectors::summary(&reports));
    let ids: HashSet<_> = reports.iter().map(|report| &report.id).collect();
    assert_eq!(ids.len(), 281, "vectors are missing or have the same name");

    let mut twins = 0;
    for (vector, report) in all.iter().zip(&reports) {
        if vector["kind"] == "message" && vector["valid"] == true && vector["strictness"] == "required" {
            assert!(report.made("twin"), "{} has no twin", report.id);
            twins += 1;
        }
    }
    assert_eq!(twins, 126);
    let counts = [
        ("verdict", 273),
        ("fields", 90),
        ("raw fields", 130),
        ("base string", 100),
        ("payload", 130),
        ("signature", 36),
        ("signed text", 36),
        ("decryption", 31),
        ("re-signing", 130),
        ("re-signing inside", 36),
        ("re-enveloping", 129),
        ("printing", 130),
        ("forged twin", 38),
    ];
    let short: Vec<_> = counts
        .iter()
        .map(|(check, at_least)| (check, made(&reports, check), at_least))
        .filter(|(_, made, at_least)| made < at_least)
        .collect();
    assert!(short.is_empty(), "too few checks: {short:?}");
}

/// The sabotaged twin of the runner itself: a wrong expectation must show.
#[test]
fn a_wrong_expectation_fails() {
    let all = vectors::load(&folder()).unwrap();
    let good = all.iter().find(|vector| vector["id"] == "ro-019-comment-relayed-public").unwrap();
    assert!(vectors::run(good).passed());

    let sabotage = |pointer: &str, value: Value| {
        let mut vector = good.clone();
        *vector.pointer_mut(pointer).unwrap() = value;
        vectors::run(&vector).passed()
    };
    assert!(!sabotage("/valid", json!(false)));
    assert!(!sabotage("/expected_fields/text", json!("another")));
    assert!(!sabotage("/signature/string", json!("another")));
    assert!(!sabotage("/signature/value", json!("AAAA")));
    assert!(!sabotage("/envelope/base_string", json!("another")));
    assert!(!sabotage("/envelope/sig", json!("AAAA")));
    assert!(!sabotage("/raw_fields/text", json!("another")));
    assert!(!sabotage("/context/known_entities", json!([])));
    assert!(!vectors::run(&json!({"id": "x", "kind": "message"})).passed(), "no check made is a failure");
}

/// Hubzilla calls what it hands out an Atom document, and signs that: taken where it was asked for, nowhere else.
#[test]
fn the_type_that_hubzilla_hands_out_is_taken_only_where_it_was_asked_for() {
    let all = vectors::load(&folder()).unwrap();
    let vector = all.iter().find(|vector| vector["id"] == "ho-016-fetch-atom-type").unwrap();
    let xml = vector["envelope"]["xml"].as_str().unwrap();
    let key = PublicKey::from_pem(vector["sender"]["public_key_pem"].as_str().unwrap()).unwrap();
    let refused = receive::open(xml.as_bytes()).map(drop);
    assert_eq!(refused, Err(Refused::Envelope(EnvelopeError::Part("type"))));
    let now = Timestamp::from_micros(0);
    let fetched =
        |xml: &str| receive::open_fetched(xml.as_bytes()).and_then(|opened| opened.verify(&key, now));
    assert!(fetched(xml).is_ok());
    // the type is part of what is signed
    let other = xml.replace("application/atom+xml", "application/xml");
    assert_eq!(fetched(&other).map(drop), Err(Refused::Signature));
    let other = xml.replace("application/atom+xml", "text/xml");
    assert_eq!(fetched(&other).map(drop), Err(Refused::Envelope(EnvelopeError::Part("type"))));
}

/// Where the vectors leave the verdict open, `tests/vectors/README.md` says what ours is: a row of its table is
/// ``| `id` | accepted or refused | why |``, with the case behind the id where a vector has several.
#[test]
fn the_readme_says_what_is_decided_where_either_verdict_is_fine() {
    let reports: Vec<_> = vectors::load(&folder()).unwrap().iter().map(vectors::run).collect();
    let verdict = |refused: &Option<String>| if refused.is_some() { "refused" } else { "accepted" };
    let mut ours = BTreeMap::new();
    for report in &reports {
        for choice in &report.choices {
            let case = if choice.case.is_empty() { String::new() } else { format!(" `{}`", choice.case) };
            ours.insert(format!("`{}`{case}", report.id), verdict(&choice.refused).to_owned());
        }
    }
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut told = BTreeMap::new();
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, verdict, why] = cells[..] else { panic!("three cells: {row}") };
        assert!(why.len() > 10, "why: {row}");
        assert_eq!(told.insert(name.to_owned(), verdict.to_owned()), None, "twice: {row}");
    }
    assert_eq!(told, ours);
    assert!(ours.len() >= 33);
}
