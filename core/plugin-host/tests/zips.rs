//! Packages as zips: what is in one is what belongs there, once, signed as it says; and every trick is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::io::{Cursor, Write as _};

use common::{Packages, html, renderer, texts};
use pappus_kernel::plugin::PluginHost as _;
use pappus_plugin_build::{embed_files, new_key, pack};
use pappus_plugin_host::Host;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

fn host() -> Host {
    Packages::with(&[]).host()
}

/// The entries of a package, to be changed and zipped again.
fn entries(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(package)).unwrap();
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let mut entry = |name: String| {
        let mut bytes = Vec::new();
        std::io::copy(&mut archive.by_name(&name).unwrap(), &mut bytes).unwrap();
        (name, bytes)
    };
    names.into_iter().map(&mut entry).collect()
}

fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        out.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

async fn refusal(package: Vec<u8>) -> String {
    match host().load_package(package).await {
        Ok(_) => "it was taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn component() -> Vec<u8> {
    let files = [
        ("locales/en.ftl".to_owned(), b"hello = Hello".to_vec()),
        ("templates/a.html".to_owned(), b"<p>{{ a }}</p>".to_vec()),
    ];
    embed_files(renderer("guest", ""), &files)
}

#[tokio::test]
async fn a_signed_package_says_who_signed_it_and_works_with_its_files() {
    let key = new_key().unwrap();
    let readme = [("README.md".to_owned(), b"# Guest".to_vec())];
    let package = pack(&component(), &readme, Some(&key.secret)).unwrap();
    let host = host();
    let (opened, plugin) = host.load_package(package).await.unwrap();
    let public = key.public.lines().last().unwrap();
    assert_eq!(opened.signed_by.as_deref(), Some(public));
    assert_eq!(plugin.files().locales["en"], "hello = Hello");
    assert_eq!(plugin.files().templates["a.html"], "<p>{{ a }}</p>");
    let rendered = plugin.render(&texts(&["hi"])).await.unwrap();
    assert_eq!(html(&rendered).len(), 1);
    let (bare, same) = host.load_package(component()).await.unwrap();
    assert_eq!(bare.signed_by, None);
    let other = embed_files(renderer("guest", ""), &[("locales/en.ftl".to_owned(), b"hello = Hi".to_vec())]);
    let (_, other) = host.load_package(other).await.unwrap();
    assert_ne!(same.sha256(), other.sha256(), "their sentences differ");
}

#[tokio::test]
async fn one_changed_file_breaks_the_signature() {
    let key = new_key().unwrap();
    let package = pack(&component(), &[], Some(&key.secret)).unwrap();
    let signed = entries(&package);
    assert!(
        refusal(zip(&[&signed[..], &[("README.md".into(), vec![])]].concat())).await.contains("does not fit")
    );
    for at in 0..signed.len() {
        let mut changed = signed.clone();
        match changed[at].0.as_str() {
            "KEY" => changed[at].1 = new_key().unwrap().public.lines().last().unwrap().into(),
            "SIGNATURE" => drop(changed.remove(at)),
            _ => changed[at].1.push(b' '),
        }
        let why = refusal(zip(&changed)).await;
        assert!(why.contains("signature is no good"), "{}: {why}", signed[at].0);
    }
}

#[tokio::test]
async fn what_does_not_belong_into_a_package_is_refused() {
    let good = entries(&pack(&component(), &[], None).unwrap());
    assert!(host().load_package(zip(&good)).await.is_ok());
    for path in [
        "../plugin.toml",
        "/etc/passwd",
        "templates/../../x.html",
        "templates/sub/x.html",
        "templates/.hidden.html",
        "templates/x.js",
        "locales/en.html",
        "script.js",
        "plugin.toml ",
        "templates/",
    ] {
        let more = [&good[..], &[(path.to_owned(), b"x".to_vec())]].concat();
        let why = refusal(zip(&more)).await;
        assert!(why.contains("does not belong"), "{path}: {why}");
    }
    for missing in ["plugin.toml", "plugin.wasm"] {
        let less: Vec<_> = good.iter().filter(|(name, _)| name != missing).cloned().collect();
        assert!(refusal(zip(&less)).await.contains(missing));
    }
}

#[tokio::test]
async fn a_manifest_beside_the_component_cannot_say_something_else() {
    let mut lying = entries(&pack(&component(), &[], None).unwrap());
    let manifest = lying.iter_mut().find(|(name, _)| name == "plugin.toml").unwrap();
    manifest.1.extend(b"\n# more");
    assert!(refusal(zip(&lying)).await.contains("not the one inside"));
    let mut double = entries(&pack(&component(), &[], None).unwrap());
    let wasm = double.iter_mut().find(|(name, _)| name == "plugin.wasm").unwrap();
    wasm.1 = component();
    assert!(refusal(zip(&double)).await.contains("files of its own"));
}

#[tokio::test]
async fn a_zip_that_unpacks_to_too_much_or_lists_a_file_twice_is_given_up() {
    let good = entries(&pack(&component(), &[], None).unwrap());
    let bomb = [&good[..], &[("README.md".to_owned(), vec![b' '; 50 << 20])]].concat();
    let bomb = zip(&bomb);
    assert!(bomb.len() < 1 << 20, "it is small before");
    assert!(refusal(bomb).await.contains("README.md is larger"));
    let many = (0..300).map(|n| (format!("templates/t{n}.html"), Vec::new()));
    let many: Vec<_> = good.iter().cloned().chain(many).collect();
    assert!(refusal(zip(&many)).await.contains("too many files"));
    // two entries under one name: change the second one's name in the finished file, in both of its places
    let twice =
        [&good[..], &[("README.md".to_owned(), b"a".to_vec()), ("LICENSE".to_owned(), b"b".to_vec())]];
    let mut twice = zip(&twice.concat());
    for (from, to) in [(&b"README.md"[..], &b"locales/x"[..])] {
        while let Some(at) = twice.windows(from.len()).position(|bytes| bytes == from) {
            twice[at..at + from.len()].copy_from_slice(to);
        }
    }
    assert!(refusal(twice).await.contains("does not belong"));
    let both = [
        &good[..],
        &[("CHANGELOG.md".to_owned(), b"a".to_vec()), ("templates/bb".to_owned(), b"b".to_vec())],
    ];
    let mut both = zip(&both.concat());
    while let Some(at) = both.windows(12).position(|bytes| bytes == b"templates/bb") {
        both[at..at + 12].copy_from_slice(b"CHANGELOG.md");
    }
    assert!(refusal(both).await.contains("twice"));
}

#[tokio::test]
async fn a_component_says_one_thing_about_itself() {
    let two = pappus_plugin_build::embed_manifest(component(), &common::manifest("other", ""));
    assert!(refusal(two).await.contains("two plugin.toml"));
    for (path, why) in [
        ("locales/en.ftl", "two locales/en.ftl"),
        ("x.js", "does not belong"),
        ("templates/a b.html", "does not belong"),
    ] {
        let odd = embed_files(component(), &[(path.to_owned(), b"x".to_vec())]);
        let said = refusal(odd).await;
        assert!(said.contains(why), "{path}: {said}");
    }
    let large = |n: usize| (format!("templates/t{n}.html"), vec![b' '; 200 * 1024]);
    let much = embed_files(renderer("guest", ""), &(0..30).map(large).collect::<Vec<_>>());
    assert!(refusal(much).await.contains("too many files"));
}
