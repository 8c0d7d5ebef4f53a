//! Plugins that an admin brings: nothing runs before its package was looked at, updates that ask for more wait, and what
//! came can go again.
use axum::http::StatusCode;
use pappus_kernel::plugin::{self, Capability};
use pappus_plugin_build::{NewKey, embed_files, new_key, pack, remade};
use pappus_tests::{Answer, Browser, Running, TwoPods};
use std::{fs, path::Path, sync::LazyLock};

/// The renderer that comes with the pod, under a name of its own.
static RENDERER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder =
        std::env::var_os("PAPPUS_TEST_PLUGINS").expect("cargo xtask test says where the plugins are");
    fs::read(Path::new(&folder).join("markdown.wasm")).unwrap()
});

fn component(id: &str, version: &str, capabilities: &str) -> Vec<u8> {
    let manifest = format!(
        "[plugin]\nid = \"{id}\"\nslug = \"ink\"\nname = \"Ink\"\nversion = \"{version}\"\nlicense = \"MIT\"\n\
         api = \"0.1\"\n[capabilities]\n{capabilities}\n[hooks.text-renderer]\nbudget-ms = 600\n"
    );
    remade(&RENDERER, &manifest).unwrap()
}

fn manifest_of(api: &str) -> String {
    format!(
        "[plugin]\nid = \"test.ink\"\nslug = \"ink\"\nname = \"Ink\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n\
         api = \"{api}\"\n[hooks.text-renderer]\n"
    )
}

/// A version of the plugin in its zip.
fn version(version: &str, capabilities: &str, key: Option<&NewKey>) -> Vec<u8> {
    let component = component("test.ink", version, capabilities);
    pack(&component, &[], key.map(|key| key.secret.as_str())).unwrap()
}

async fn bring(admin: &mut Browser, package: &[u8]) -> Answer {
    admin.upload("/admin/plugins/packages", "package", package).await
}

/// The same, knowing that it is by this author.
async fn bring_as(admin: &mut Browser, package: &[u8], author: &str) -> Answer {
    let path = "/admin/plugins/packages";
    admin.post_files(path, &[("author", author)], &[("package", package)], "text/html").await
}

/// A key as pods show it.
fn line(key: &NewKey) -> String {
    key.public.lines().last().unwrap().to_owned()
}

async fn taken(admin: &mut Browser, package: &[u8]) {
    let answer = bring(admin, package).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.headers["location"], "/admin/plugins#plugin-ink");
}

async fn refused(admin: &mut Browser, package: &[u8], why: &str) {
    let answer = bring(admin, package).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
    let page = answer.text();
    assert!(page.contains("The package was not taken.") && page.contains(why), "{why}: {page}");
}

/// The grants of a form; which package it is about is told as the page tells it.
async fn send(admin: &mut Browser, action: &str, grants: &[(&str, &str)]) -> Answer {
    let page = admin.get("/admin/plugins").await.text();
    let (_, form) = page.split_once(&format!("action=\"/admin/plugins/ink/{action}\"")).expect("such a form");
    let (_, package) = form.split_once("name=\"package\" value=\"").expect("it says which package");
    let package: String = package.chars().take_while(char::is_ascii_alphanumeric).collect();
    let fields = [("review", "1"), ("package", package.as_str())];
    let fields: Vec<_> = fields.into_iter().chain(grants.iter().copied()).collect();
    admin.post(&format!("/admin/plugins/ink/{action}"), &fields).await
}

async fn update(admin: &mut Browser, grants: &[(&str, &str)]) {
    let answer = send(admin, "update", grants).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

async fn roll_back(admin: &mut Browser) {
    let answer = send(admin, "roll_back", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

async fn enable(admin: &mut Browser, grants: &[(&str, &str)]) {
    let answer = send(admin, "enable", grants).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

/// Which version of it runs.
fn running(pod: &Running) -> Option<String> {
    pod.pod.plugins.find("ink").map(|plugin| plugin.plugin.manifest().version.clone())
}

#[tokio::test]
async fn a_package_is_looked_at_before_anything_of_it_runs() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let mut alice = pod.sign_up("alice").await;
        let path = format!("/posts/{}", alice.publish("some **strong** words", &["public"]).await);
        assert_eq!(bring(&mut alice, &version("1.0.0", "", None)).await.status, StatusCode::NOT_FOUND);
        taken(&mut admin, &version("1.0.0", "", None)).await;
        admin.get("/admin/plugins").await.shows("Nobody signed this package.").shows("Ink");
        alice.get(&path).await.shows("**strong**");

        enable(&mut admin, &[("grants[]", "text-renderer"), ("audience[text-renderer]", "public")]).await;
        alice.get(&path).await.shows("<strong>strong</strong>");
        // a process that starts finds it in the database
        pod.pod.plugins.replace(0, Vec::new());
        plugin::load_enabled(&pod.pod).await.unwrap();
        alice.get(&path).await.shows("<strong>strong</strong>");
    })
    .await;
}

#[tokio::test]
async fn an_update_that_asks_for_more_waits_and_the_old_version_runs_on() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let log = "log = { why = \"tells what went wrong\" }";
        taken(&mut admin, &version("1.0.0", log, None)).await;
        enable(&mut admin, &[("grants[]", "text-renderer"), ("grants[]", "log")]).await;

        taken(&mut admin, &version("1.1.0", log, None)).await;
        assert_eq!(running(pod).as_deref(), Some("1.1.0"), "it asks for nothing new");
        admin.get("/admin/plugins").await.shows("Back to 1.0.0");

        let more = format!("{log}\nrandom = {{ why = \"throws dice\" }}");
        taken(&mut admin, &version("2.0.0", &more, None)).await;
        assert_eq!(running(pod).as_deref(), Some("1.1.0"), "it asks for more");
        admin
            .get("/admin/plugins")
            .await
            .shows("Version 2.0.0 is here and asks for more.")
            .shows("throws dice");
        update(&mut admin, &[("grants[]", "text-renderer"), ("grants[]", "log")]).await;
        assert_eq!(running(pod).as_deref(), Some("2.0.0"));
        let grants = pod.pod.plugins.find("ink").unwrap().grants.clone();
        assert!(!grants.capabilities.contains(&Capability::Random), "it runs without what it was not given");
        // a new version that asks for what was refused before is no reason to ask again
        taken(&mut admin, &version("2.1.0", &more, None)).await;
        assert_eq!(running(pod).as_deref(), Some("2.1.0"));

        roll_back(&mut admin).await;
        assert_eq!(running(pod).as_deref(), Some("2.0.0"));
    })
    .await;
}

#[tokio::test]
async fn an_update_that_waits_can_be_thrown_away_and_leaves_nothing() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let (author, other) = (new_key().unwrap(), new_key().unwrap());
        let dice = "random = { why = \"dice\" }";
        taken(&mut admin, &version("1.0.0", "", Some(&author))).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        let answer = bring_as(&mut admin, &version("2.0.0", dice, Some(&other)), &line(&other)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        // what the administrator did not see is not decided
        let stale = [("review", "1"), ("package", "00ff"), ("grants[]", "text-renderer")];
        for action in ["update", "discard", "enable", "roll_back"] {
            let answer = admin.post(&format!("/admin/plugins/ink/{action}"), &stale).await;
            assert!(answer.status.is_client_error(), "{action}");
        }
        assert_eq!(send(&mut admin, "discard", &[]).await.status, StatusCode::SEE_OTHER);
        admin.get("/admin/plugins").await.hides("2.0.0");
        assert_eq!(running(pod).as_deref(), Some("1.0.0"));
        // whose the running one is did not change by it
        taken(&mut admin, &version("1.1.0", "", Some(&author))).await;
        assert_eq!(running(pod).as_deref(), Some("1.1.0"));
        refused(&mut admin, &version("1.2.0", "", Some(&other)), "this pod knows the plugin from").await;
    })
    .await;
}

#[tokio::test]
async fn a_plugin_that_is_off_stays_the_version_that_was_looked_at() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        taken(&mut admin, &version("1.0.0", "", None)).await;
        enable(&mut admin, &[("grants[]", "text-renderer"), ("audience[text-renderer]", "public")]).await;
        taken(&mut admin, &version("2.0.0", "random = { why = \"dice\" }", None)).await;
        pod.switch("ink", false).await;
        // the audience that was chosen is still chosen
        admin.get("/admin/plugins").await.shows("<option value=\"public\" selected>");
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        assert_eq!(running(pod).as_deref(), Some("1.0.0"));
    })
    .await;
}

#[tokio::test]
async fn a_version_that_differs_in_its_sentences_alone_runs_too() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let with = |words: &str| {
            let files = [("locales/en.ftl".to_owned(), words.as_bytes().to_vec())];
            pack(&embed_files(component("test.ink", "1.0.0", ""), &files), &[], None).unwrap()
        };
        taken(&mut admin, &with("hello = Hello")).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        taken(&mut admin, &with("hello = Good day")).await;
        let words = || pod.pod.plugins.find("ink").unwrap().plugin.files().locales["en"].clone();
        assert_eq!(words(), "hello = Good day");
        roll_back(&mut admin).await;
        assert_eq!(words(), "hello = Hello");
    })
    .await;
}

#[tokio::test]
async fn a_grant_is_taken_back_while_the_plugin_runs() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        taken(&mut admin, &version("1.0.0", "random = { why = \"dice\" }", None)).await;
        enable(&mut admin, &[("grants[]", "text-renderer"), ("grants[]", "random")]).await;
        let may = |pod: &Running| {
            pod.pod.plugins.find("ink").unwrap().grants.capabilities.contains(&Capability::Random)
        };
        assert!(may(pod));
        admin.get("/admin/plugins").await.shows("Change what Ink may");
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        assert!(!may(pod) && running(pod).is_some());
        let answer = send(&mut admin, "enable", &[("grants[]", "http")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "it did not ask for that");
    })
    .await;
}

#[tokio::test]
async fn a_plugin_stays_with_its_author_and_does_not_grow_older() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let (author, other) = (new_key().unwrap(), new_key().unwrap());
        taken(&mut admin, &version("1.2.0", "", Some(&author))).await;
        admin.get("/admin/plugins").await.shows("Signed by").hides("Nobody signed this package.");

        refused(&mut admin, &version("1.3.0", "", Some(&other)), "this pod knows the plugin from").await;
        refused(&mut admin, &version("1.3.0", "", None), "this pod knows the plugin from").await;
        refused(&mut admin, &version("1.1.0", "", Some(&author)), "1.2.0 is here already").await;
        let stranger = pack(&component("test.other", "9.0.0", ""), &[], Some(&author.secret)).unwrap();
        refused(&mut admin, &stranger, "is the name of test.ink").await;
        let renamed = manifest_of("0.1").replace("slug = \"ink\"", "slug = \"pen\"");
        let renamed = remade(&RENDERER, &renamed).unwrap();
        refused(&mut admin, &renamed, "is the name of test.ink").await;

        let answer = bring_as(&mut admin, &version("1.3.0", "", Some(&other)), &line(&author)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "another author was accepted than came");
        let answer = bring_as(&mut admin, &version("1.3.0", "", Some(&other)), &line(&other)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        refused(&mut admin, &version("1.4.0", "", Some(&author)), "this pod knows the plugin from").await;
    })
    .await;
}

#[tokio::test]
async fn what_came_goes_again_and_is_there_again_when_it_comes_back() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let key = new_key().unwrap();
        taken(&mut admin, &version("1.0.0", "", Some(&key))).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        assert_eq!(admin.post("/admin/plugins/ink/uninstall", &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(running(pod), None);
        admin.get("/admin/plugins").await.shows("Its package is gone.").shows("Delete all of that");
        // its author is still known
        refused(
            &mut admin,
            &version("1.0.0", "", Some(&new_key().unwrap())),
            "this pod knows the plugin from",
        )
        .await;
        taken(&mut admin, &version("1.0.0", "", Some(&key))).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;

        let purge = admin.post("/admin/plugins/ink/uninstall", &[("purge", "true")]).await;
        assert_eq!(purge.status, StatusCode::SEE_OTHER);
        assert_eq!(running(pod), None);
        admin.get("/admin/plugins").await.hides("plugin-ink");
        taken(&mut admin, &version("0.9.0", "", Some(&new_key().unwrap()))).await;
        let gone = admin.post("/admin/plugins/nobody/uninstall", &[]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_package_is_refused_with_its_reason() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        let answer = bring(&mut admin, b"").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("One field needs another look."), "{}", answer.text());
        refused(&mut admin, b"hello", "not a working component").await;
        refused(&mut admin, b"PK\x03\x04 and nothing more", "a damaged zip").await;
        let newer = component("test.ink", "1.0.0", "");
        let newer = remade(&newer, &manifest_of("9.0")).unwrap();
        refused(&mut admin, &newer, "version 9.0 of the plugin interface").await;
        admin.get("/admin/plugins").await.hides("plugin-ink");
    })
    .await;
}

#[tokio::test]
async fn what_comes_with_the_pod_is_replaced_only_on_purpose() {
    TwoPods::on_both(async |pods| {
        let pod = &pods.left;
        let mut admin = pod.sign_in("admina").await;
        pod.switch("markdown", true).await;
        let manifest = manifest_of("0.1")
            .replace("test.ink", "pub.pappus.markdown")
            .replace("slug = \"ink\"", "slug = \"markdown\"");
        let package = pack(&remade(&RENDERER, &manifest).unwrap(), &[], None).unwrap();
        let answer = bring(&mut admin, &package).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("This plugin comes with the pod"), "{}", answer.text());
        let answer = bring_as(&mut admin, &package, "nobody").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let version = || pod.pod.plugins.find("markdown").map(|it| it.plugin.manifest().version.clone());
        assert_eq!(version().as_deref(), Some("1.0.0"));
        // without it the one of the pod is there again
        let path = "/admin/plugins/markdown/uninstall";
        assert_eq!(admin.post(path, &[]).await.status, StatusCode::SEE_OTHER);
        pod.switch("markdown", true).await;
        assert_eq!(version().as_deref(), Some("0.1.0"));
    })
    .await;
}
