//! The built server as an operator meets it: start, setup link, commands, stop.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]
mod common;

use common::{PATIENCE, Place, mode, path_in, request};
use pappus_kernel::{db::Db, job};
use std::time::{Duration, Instant};

const PASSWORD: &str = "correct horse battery";

fn set_up(place: &Place) -> serde_json::Value {
    let file = place.password_file(PASSWORD);
    let base_url = format!("http://{}", place.address);
    let args = [
        "setup",
        "--admin",
        "alice",
        "--email",
        "alice@pod.test",
        "--password-file",
        file.to_str().unwrap(),
        "--json",
    ];
    place.json(&[args.as_slice(), &["--base-url", &base_url]].concat())
}

/// Jobs by kind and state, read beside the server.
async fn jobs(place: &Place) -> Vec<(String, String)> {
    let db = Db::open_sqlite(&place.data.join("pappus.db"), 1).await.unwrap();
    let rows = job::backlog(&mut db.read().await.unwrap()).await.unwrap();
    db.close().await;
    rows.into_iter().map(|row| (row.kind, row.state)).collect()
}

#[test]
fn the_setup_link_is_printed_once_works_once_and_stays_out_of_the_log() {
    let place = Place::new();
    let mut server = place.serve(&[]);
    let printed = server.line();
    let link = path_in(&printed);
    assert!(link.starts_with("/setup?token="), "{printed}");
    let token = link.split_once('=').unwrap().1;
    assert!(!place.log().contains(token));

    let first = request(server.address, "GET", &link, "").unwrap();
    assert!((300..400).contains(&first.status), "{}", first.head);
    assert!(first.header("set-cookie").is_some(), "{}", first.head);
    let second = request(server.address, "GET", &link, "").unwrap();
    assert!(second.header("set-cookie").is_none(), "{}", second.head);
    assert!(!(300..400).contains(&second.status), "{}", second.head);

    // a new one on request, and the one before it is dead
    let fresh_link = || path_in(place.json(&["setup", "--new-link", "--json"])["url"].as_str().unwrap());
    let (old, new) = (fresh_link(), fresh_link());
    assert!(request(server.address, "GET", &old, "").unwrap().header("set-cookie").is_none());
    assert!(request(server.address, "GET", &new, "").unwrap().header("set-cookie").is_some());

    // and none at all once there is an admin
    let last = fresh_link();
    set_up(&place);
    assert!(request(server.address, "GET", &last, "").unwrap().header("set-cookie").is_none());
    let refused = place.run(&["setup", "--new-link"]);
    assert_eq!(refused.status.code(), Some(1));
    server.signal("TERM");
    let (status, rest) = server.wait();
    assert!(status.success());
    assert!(!rest.contains("/setup?token="), "printed again: {rest}");
}

#[test]
fn commands_talk_to_the_running_server() {
    let place = Place::new();
    let server = place.serve(&[]);
    assert_eq!(mode(&place.data), 0o700);
    assert_eq!(mode(&place.data.join("control.sock")), 0o600);
    assert_eq!(mode(&place.data.join("secret.key")), 0o600);

    assert_eq!(set_up(&place)["diaspora_id"], format!("alice@{}", place.address));
    let file = place.password_file(PASSWORD);
    let create = |name: &str, email: &str| {
        place.run(&[
            "user",
            "create",
            name,
            "--email",
            email,
            "--password-file",
            file.to_str().unwrap(),
            "--json",
        ])
    };
    let made = create("bob", "bob@pod.test");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // the server that runs knows him at once
    let card = format!("/.well-known/webfinger?resource=acct:bob@{}", place.address);
    assert_eq!(request(server.address, "GET", &card, "").unwrap().status, 200);

    let twice = create("bob", "other@pod.test");
    assert_eq!(twice.status.code(), Some(2));
    let error: serde_json::Value = serde_json::from_slice(&twice.stdout).unwrap();
    assert_eq!(error["error"], "username is taken");

    assert!(place.json(&["plugin", "list", "--json"]).is_array());
    assert_eq!(place.run(&["plugin", "enable", "nothing"]).status.code(), Some(1));
    assert_eq!(place.run(&["health"]).status.code(), Some(0));
    assert_eq!(place.json(&["pods", "list", "--state", "asleep", "--json"]), serde_json::json!([]));
    assert_eq!(place.run(&["pods", "list", "--state", "gone"]).status.code(), Some(2));
    for command in
        [["pods", "show", "nowhere.test"], ["pods", "recheck", "nowhere.test"], ["jobs", "retry", "1"]]
    {
        let refused = place.run(&command);
        assert_eq!(refused.status.code(), Some(1), "{command:?}");
    }
    assert_eq!(place.run(&["jobs", "drop"]).status.code(), Some(2), "which?");
    assert_eq!(place.json(&["jobs", "drop", "--all", "--json"])["dropped"], 0);
    assert!(place.json(&["jobs", "list", "--json"])["gave_up"].as_array().unwrap().is_empty());
    let trace = place.json(&["fed", "trace", "0123456789abcdef", "--json"]);
    assert_eq!((trace["events"].as_array().unwrap().len(), &trace["guid"]), (0, &"0123456789abcdef".into()));
    let doctor = place.json(&["doctor", "--json"]);
    assert!(doctor["checks"].as_array().unwrap().len() >= 6, "{doctor}");
    assert!(!place.log().contains(PASSWORD));
}

#[test]
fn commands_open_the_database_themselves_when_no_server_runs() {
    let place = Place::new();
    assert_eq!(set_up(&place)["username"], "alice");
    assert_eq!(place.run(&["health"]).status.code(), Some(3));
    assert_eq!(place.json(&["doctor", "--json"])["ok"], true);
    // what they wrote is there for the server
    let server = place.serve(&[]);
    let card = format!("/.well-known/webfinger?resource=acct:alice@{}", place.address);
    assert_eq!(request(server.address, "GET", &card, "").unwrap().status, 200);
}

#[test]
fn accounts_are_exported_imported_and_closed_from_the_command_line() {
    let place = Place::new();
    set_up(&place);
    let password = place.password_file(PASSWORD);
    let words = ["--email", "bob@pod.test", "--password-file", password.to_str().unwrap()];
    let made = place.run(&[&["user", "create", "bob"], &words[..]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let archive = place.data.with_file_name("bob.json.gz");
    let told = place.json(&["user", "export", "bob", archive.to_str().unwrap(), "--json"]);
    assert_eq!(told["bytes"], std::fs::metadata(&archive).unwrap().len());
    assert_eq!(mode(&archive), 0o600);
    let again = place.run(&["user", "export", "bob", archive.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2), "nothing is written over");
    let nobody = place.run(&["user", "export", "nobody", "/nowhere/else"]);
    assert_eq!(nobody.status.code(), Some(1));

    let import = |file: &std::path::Path| {
        let done =
            place.run(&[&["user", "import", file.to_str().unwrap(), "--name", "carol"], &words[..]].concat());
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let (code, said) = import(&archive);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is of an account of this pod"), "{said}");
    let text = place.data.with_file_name("text");
    std::fs::write(&text, "no archive").unwrap();
    assert!(import(&text).1.contains("is not an archive of an account"));
    assert!(import(&place.data.with_file_name("gone")).1.contains("cannot be read"));

    assert_eq!(place.json(&["user", "close", "bob", "--json"])["closed"], true);
    let twice = place.run(&["user", "close", "bob"]);
    assert_eq!(twice.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&twice.stderr).contains("closed already"));
    let admin = place.run(&["user", "close", "alice"]);
    assert!(String::from_utf8_lossy(&admin.stderr).contains("the only admin"));
    let stranger = place.run(&["person", "reset-key", "eve@far.example"]);
    assert_eq!(stranger.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("nobody of another pod"));
}

#[test]
fn a_plugin_is_begun_signed_installed_and_removed_from_the_command_line() {
    let place = Place::new();
    set_up(&place);
    let work = place.data.with_file_name("work");
    std::fs::create_dir(&work).unwrap();
    let key = work.join("hello.key");
    let (work, key) = (work.to_str().unwrap(), key.to_str().unwrap());
    assert!(place.run(&["plugin", "new", "hello", "--parent", work]).status.success());
    assert!(place.run(&["plugin", "keygen", key]).status.success());
    let secret = std::fs::read_to_string(key).unwrap();
    assert_eq!(place.run(&["plugin", "keygen", key]).status.code(), Some(2), "a key is never written over");
    let folder = format!("{work}/hello");
    let package = format!("{work}/hello-0.1.0.plugin.zip");
    for _ in 0..2 {
        let packed = place.run(&["plugin", "pack", &folder, "--out", work, "--key", key]);
        assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    }
    assert_eq!(std::fs::read_to_string(key).unwrap(), secret);

    let installed = place.json(&["plugin", "install", &package, "--json"]);
    assert_eq!((installed["slug"].as_str(), installed["unsigned"].as_bool()), (Some("hello"), Some(false)));
    assert!(place.run(&["plugin", "enable", "hello"]).status.success());
    let list = place.json(&["plugin", "list", "--json"]);
    let hello = list.as_array().unwrap().iter().find(|row| row["slug"] == "hello").unwrap();
    let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
    assert_eq!(hello["state"], "enabled");
    assert_eq!(hello["signed_by"].as_str(), public.lines().last());
    for nothing in ["update", "discard", "roll-back"] {
        assert_eq!(place.run(&["plugin", nothing, "hello"]).status.code(), Some(1), "{nothing}");
    }
    assert!(place.run(&["plugin", "uninstall", "hello", "--purge"]).status.success());
    assert_eq!(place.run(&["plugin", "install", "/nowhere.zip"]).status.code(), Some(2));
}

#[test]
fn blocks_are_made_listed_imported_and_lifted_from_the_command_line() {
    let place = Place::new();
    set_up(&place);
    let block =
        ["pods", "block", "Spam.example", "--level", "suspend", "--reason", "spam", "--subdomains", "--json"];
    assert_eq!(place.json(&block)["target"], "spam.example");
    let list = place.json(&["blocks", "list", "--json"]);
    assert_eq!((list[0]["severity"].as_str(), list[0]["reason"].as_str()), (Some("suspend"), Some("spam")));
    assert_eq!(list.as_array().unwrap().len(), 1);

    let file = place.data.with_file_name("list.csv");
    std::fs::write(
        &file,
        "#domain,#severity\nspam.example,suspend\nloud.example,silence\nb*d.example,suspend\n",
    )
    .unwrap();
    let read = place.json(&["blocks", "import", file.to_str().unwrap(), "--json"]);
    assert_eq!((&read["drafted"], &read["present"], &read["refused"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(
        place.json(&["blocks", "list", "--json"]).as_array().unwrap().len(),
        1,
        "drafts are only drafts"
    );
    assert_eq!(place.json(&["blocks", "drafts", "--json"])[0]["target"], "loud.example");
    assert_eq!(place.json(&["blocks", "approve", "loud.example", "--json"])["approved"], 1);
    let export = place.run(&["blocks", "export"]);
    let export = String::from_utf8(export.stdout).unwrap();
    assert!(export.contains("\nloud.example,silence,"), "{export}");

    place.json(&["pods", "unblock", "spam.example", "--json"]);
    let again = place.run(&["pods", "unblock", "spam.example"]);
    assert_eq!(again.status.code(), Some(1));
    let wrong = place.run(&["pods", "block", "https://x.example", "--level", "suspend"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", String::from_utf8_lossy(&wrong.stderr));
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let place = Place::new();
    let server = place.serve(&[]);
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another pappus uses"));
    // the first is none the worse, its door included
    assert_eq!(request(server.address, "GET", "/readyz", "").unwrap().status, 200);
    assert!(place.json(&["plugin", "list", "--json"]).is_array());
    server.signal("TERM");
    assert!(server.wait().0.success());
    // and the directory is free again
    drop(place.serve(&[]));
}

/// Starts a server that is busy making key pairs, and waits until that job runs.
async fn busy(place: &Place) -> common::Server {
    let server = place.serve(&[]);
    let until = Instant::now() + PATIENCE;
    while !jobs(place).await.iter().any(|(_, state)| state == "running") {
        assert!(Instant::now() < until, "no job ever ran");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_or_gives_back_what_runs() {
    let place = Place::new();
    let server = busy(&place).await;
    server.signal("TERM");
    let began = Instant::now();
    assert!(server.wait().0.success());
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(!jobs(&place).await.iter().any(|(_, state)| state == "running"));
    assert!(!place.data.join("control.sock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_stop_the_lease_stays_so_the_test_above_sees_the_difference() {
    let place = Place::new();
    let server = busy(&place).await;
    server.signal("KILL");
    assert!(!server.wait().0.success());
    assert!(jobs(&place).await.iter().any(|(_, state)| state == "running"));
    // and a server that starts after it takes the directory over, dead socket and all
    let again = place.serve(&[]);
    assert!(place.json(&["plugin", "list", "--json"]).is_array());
    drop(again);
}

#[test]
fn a_broken_configuration_stops_the_start_with_exit_code_2() {
    let place = Place::new();
    std::fs::create_dir_all(&place.data).unwrap();
    std::fs::write(place.data.join("config.toml"), "[server]\nlisen = \"x\"\n").unwrap();
    for args in [["serve"].as_slice(), &["config", "check"], &["plugin", "list"]] {
        let output = place.run(args);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(
            error.contains("config.toml, line 2") && error.contains("Did you mean server.listen?"),
            "{error}"
        );
    }
    assert_eq!(place.run(&["doctor"]).status.code(), Some(1));
    assert_eq!(place.run(&["nonsense"]).status.code(), Some(2));
}

#[test]
fn what_shows_only_at_the_start_names_its_key_and_the_remedy() {
    let place = Place::new();
    std::fs::create_dir(&place.data).unwrap();
    let file = place.data.join("config.toml");
    for (text, key, words) in [
        ("[database]\nurl = \"postgres://me:hunter2@127.0.0.1:9/x\"\n", "database.url", "refused"),
        ("[federation]\nextra_ca_file = \"nowhere.pem\"\n", "federation.extra_ca_file", "nowhere.pem"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = place.run(&["plugin", "list"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("config.toml") && error.contains(key) && error.contains(words), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    std::fs::write(&file, b"[server]\n# \xff\n").unwrap();
    let output = place.run(&["plugin", "list"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("Save it as UTF-8"));
}

#[test]
fn a_command_makes_nothing_where_nothing_is() {
    let place = Place::new();
    let output = place.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("check --data"));
    assert!(!place.data.exists());
    let spoken = place.run(&["user", "create", "eve", "--email", "e@pod.test", "--language", "xx"]);
    assert_eq!(spoken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&spoken.stderr).contains("en, de"));
    assert!(!place.data.exists());
}

#[test]
fn a_key_of_another_database_is_named_as_such() {
    let place = Place::new();
    assert!(place.run(&["plugin", "list"]).status.success());
    std::fs::write(place.data.join("secret.key"), "ab".repeat(32)).unwrap();
    let output = place.run(&["plugin", "list"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("secret.key does not belong to this database"), "{error}");
    assert!(!error.contains("internal"), "{error}");
}

#[test]
fn figures_have_their_own_door() {
    let place = Place::new();
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::fs::create_dir_all(&place.data).unwrap();
    std::fs::write(place.data.join("config.toml"), format!("[metrics]\nlisten = \"{metrics}\"\n")).unwrap();
    let server = place.serve(&["--log-format", "json"]);
    let figures = request(metrics, "GET", "/metrics", "").unwrap();
    for name in ["process_resident_memory_bytes ", "fed_backlog 0", "fed_pods{state=\"asleep\"} 0"] {
        assert!(figures.body.contains(name), "no {name} in {}", figures.body);
    }
    assert_eq!(request(metrics, "GET", "/readyz", "").unwrap().status, 200);
    assert_ne!(request(server.address, "GET", "/metrics", "").unwrap().status, 200);
    let log = place.log();
    assert!(log.lines().count() > 0);
    for line in log.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
}

#[test]
fn the_loopback_switch_does_not_start_a_pod_for_others() {
    let place = Place::new();
    let output = place
        .pappus(&["serve", "--base-url", "https://pod.example"])
        .env("PAPPUS_FEDERATION__ALLOW_LOOPBACK", "true")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("federation.allow_loopback"));
}
