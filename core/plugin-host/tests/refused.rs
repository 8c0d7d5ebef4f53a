//! A package that is not what it says, or asks for what this pod does not have, is refused by name.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{LOG_IMPORT, Packages, component, frame, manifest, refusal, renderer};
use pappus_kernel::plugin::PluginHost as _;
use pappus_plugin_build::embed_manifest;

fn bare(wat: &str, manifest: &str) -> Vec<u8> {
    embed_manifest(wat::parse_str(wat).unwrap(), manifest)
}

#[tokio::test]
async fn an_import_that_this_pod_does_not_offer_is_named() {
    let plain = manifest("guest", "").replace("[hooks.text-renderer]\nbudget-ms = 60\n", "");
    for import in
        ["wasi:cli/environment@0.2.0", "pappus:plugin/posts@0.1.0", "pappus:plugin/log@0.2.0", "env"]
    {
        let wat = format!("(component (import \"{import}\" (instance (export \"f\" (func)))))");
        let reason = refusal(bare(&wat, &plain)).await;
        assert_eq!(reason, format!("it imports `{import}`, which this pod does not offer"));
    }
}

#[tokio::test]
async fn an_import_that_the_manifest_does_not_declare_is_named() {
    let guest = component("renderer", &frame(LOG_IMPORT, common::LOG_FLOOD), &manifest("guest", ""));
    let reason = refusal(guest).await;
    assert_eq!(reason, "it imports `pappus:plugin/log@0.1.0`, but its plugin.toml does not declare it");
}

#[tokio::test]
async fn hooks_must_be_those_of_the_manifest() {
    let undeclared = manifest("guest", "").replace("[hooks.text-renderer]\nbudget-ms = 60\n", "");
    let reason = refusal(component("hook-text-renderer", &frame("", ""), &undeclared)).await;
    assert_eq!(reason, "it exports the hook `text-renderer`, but its plugin.toml does not declare it");
    let reason = refusal(bare("(component)", &manifest("guest", ""))).await;
    assert_eq!(reason, "its plugin.toml declares the hook `text-renderer`, but it does not export it");
}

#[tokio::test]
async fn a_bad_manifest_is_refused_with_its_place() {
    let broken = manifest("guest", "").replace("version = \"1.0.0\"", "version = \"first\"");
    let reason = refusal(component("hook-text-renderer", &frame("", ""), &broken)).await;
    assert_eq!(reason, "plugin.toml, plugin.version: must be three numbers such as `1.2.0`");
    let newer = manifest("guest", "").replace("api = \"0.1\"", "api = \"0.2\"");
    let reason = refusal(component("hook-text-renderer", &frame("", ""), &newer)).await;
    assert_eq!(reason, "it needs version 0.2 of the plugin interface; this pod has 0.1");
    let reason = refusal(renderer("another", "")).await;
    assert_eq!(reason, "it is not a working component: its file is called guest, but its slug is another");
}

#[tokio::test]
async fn a_component_that_does_not_start_is_refused() {
    let start = |body: &str| {
        frame("", "").replace("(global $next", &format!("(start $go) (func $go {body}) (global $next"))
    };
    let looping =
        refusal(component("hook-text-renderer", &start(common::LOOP), &manifest("guest", ""))).await;
    assert!(looping.contains("does not start: it used more than its"), "{looping}");
    let trapping =
        refusal(component("hook-text-renderer", &start("(unreachable)"), &manifest("guest", ""))).await;
    assert!(trapping.contains("does not start: it crashed"), "{trapping}");
}

#[tokio::test]
async fn a_component_that_begins_with_more_memory_than_it_may_have_is_refused() {
    let greedy = frame("", "").replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 300)");
    let reason = refusal(component("hook-text-renderer", &greedy, &manifest("guest", ""))).await;
    assert!(
        reason.contains("needs more than this pod gives") || reason.contains("exceeds the limit"),
        "{reason}"
    );
}

#[tokio::test]
async fn junk_is_refused() {
    for junk in
        [&b""[..], b"junk", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0", b"\0asm\x0d\0\x01\0\xff\xff\xff"]
    {
        let reason = refusal(junk.to_vec()).await;
        assert!(reason.starts_with("it is not a working component"), "{reason}");
    }
    let mut cut = renderer("guest", "");
    cut.truncate(cut.len() / 2);
    assert!(refusal(cut).await.starts_with("it is not a working component"));
}

#[tokio::test]
async fn the_list_shows_good_and_broken_packages() {
    let packages = Packages::with(&[("guest", renderer("guest", "")), ("junk", b"junk".to_vec())]);
    let found = packages.host().packages().await;
    assert_eq!(found.iter().map(|found| found.slug.as_str()).collect::<Vec<_>>(), ["guest", "junk"]);
    assert!(found[0].manifest.is_ok() && found[1].manifest.is_err());
}
