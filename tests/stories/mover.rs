//! Setting up a move: an archive out of one pod and into another, as the pages do it.
use crate::peer::sql;
use axum::http::StatusCode;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use pappus_federation::id::DiasporaId;
use pappus_tests::{Browser, PASSWORD, Pods, Running};
use serde_json::Value;
use std::io::{Read as _, Write as _};

pub fn gunzip(file: &[u8]) -> Value {
    let mut json = Vec::new();
    GzDecoder::new(file).read_to_end(&mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}

pub fn gzip(json: &Value) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::none());
    out.write_all(json.to_string().as_bytes()).unwrap();
    out.finish().unwrap()
}

/// The member's archive, asked for and fetched as the pages do it.
pub async fn archive(pod: &Running, who: &mut Browser) -> Vec<u8> {
    let asked = who.post("/user/export_profile", &[("export_password", PASSWORD)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    pod.run_jobs().await;
    let file = who.post("/user/download_profile", &[("download_password", PASSWORD)]).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text());
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("application/gzip", "no-store"));
    file.body
}

pub async fn move_in(who: &mut Browser, file: &[u8]) {
    let begun = who.upload("/user/move", "archive", file).await;
    assert_eq!((begun.status, begun.location()), (StatusCode::SEE_OTHER, "/user/move"), "{}", begun.text());
}

pub async fn person_guid(pod: &Running, id: &str) -> String {
    let found = pappus_kernel::person::discover(&pod.pod, &id.parse::<DiasporaId>().unwrap()).await;
    found.unwrap().guid
}

/// Somebody moves from one pod to a new account of this name on another, and everybody has heard of it.
pub async fn relocate(
    pods: &Pods,
    (old, who): (&Running, &mut Browser),
    (new, name): (&Running, &str),
) -> Browser {
    let file = archive(old, who).await;
    let mut there = new.sign_up(name).await;
    move_in(&mut there, &file).await;
    pods.settle().await;
    there
}

/// So many people moved, as far as this pod knows.
pub async fn moved(pod: &Running) -> i64 {
    pod.pod.count(sql("SELECT COUNT(*) FROM people WHERE moved_to_id IS NOT NULL")).await
}

/// Runs jobs until they were polled so often, then drops everything, as a killed process does.
pub async fn died_after(pod: &Running, polls: u32) -> bool {
    let mut work = Box::pin(pappus_kernel::job::run_due(&pod.pod.pod));
    let mut left = polls;
    let died = std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(true);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| false)
    });
    died.await
}
