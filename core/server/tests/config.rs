//! Every mistake in a configuration names its place, its key and what to do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use pappus::config::{Config, Given, LogFormat, Mistake, key};
use pappus::examine::State;
use std::path::Path;

fn load(dir: &Path, file: &str, variables: &[(&str, &str)]) -> Result<Config, Mistake> {
    if !file.is_empty() {
        std::fs::write(dir.join("config.toml"), file).unwrap();
    }
    let environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&Given { data: Some(dir.to_owned()), environment, ..Given::default() })
}

fn mistake(file: &str, variables: &[(&str, &str)]) -> Mistake {
    let dir = tempfile::tempdir().unwrap();
    load(dir.path(), file, variables).err().unwrap_or_else(|| panic!("{file} {variables:?} was taken"))
}

#[test]
fn a_mistake_in_the_file_names_file_line_key_and_remedy() {
    for (file, line, key, words) in [
        ("[server\nlisten = 1", "", None, "not TOML"),
        ("[server]\nlisten = \"127.0.0.1:4000", "", None, "not TOML"),
        (
            "[server]\nlisen = \"127.0.0.1:4000\"",
            ", line 2",
            Some("server.lisen"),
            "Did you mean server.listen?",
        ),
        ("\n[severs]\nlisten = \"x\"", ", line 3", Some("severs.listen"), "Did you mean server.listen?"),
        ("colour = \"red\"", ", line 1", Some("colour"), "no such key"),
        ("server = 1", ", line 1", Some("server"), "no such key"),
        (
            "[server]\nlisten = 4000",
            ", line 2",
            Some("server.listen"),
            "it is a number and must be a text in quotes",
        ),
        ("[server]\nlisten = \"everywhere\"", "", Some("server.listen"), "Write it like 127.0.0.1:4000"),
        (
            "[server]\ntrusted_proxies = \"10.0.0.0/8\"",
            ", line 2",
            Some("server.trusted_proxies"),
            "must be a list of texts",
        ),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.0/99\"]",
            "",
            Some("server.trusted_proxies"),
            "not a network",
        ),
        ("[server]\nbase_url = \"pod.example\"", "", Some("server.base_url"), "not a URL"),
        ("[server]\nbase_url = \"http://pod.example\"", "", Some("server.base_url"), "needs https"),
        (
            "[server]\nbase_url = \"https://pod.example/diaspora\"",
            "",
            Some("server.base_url"),
            "https://pod.example",
        ),
        ("[database]\nurl = \"mysql://x\"", "", Some("database.url"), "names no database"),
        ("[database]\nurl = \"sqlite:\"", "", Some("database.url"), "followed by a file"),
        ("[log]\nformat = \"xml\"", "", Some("log.format"), "text or json"),
        ("[log]\nlevel = \"loud\"", "", Some("log.level"), "error, warn, info"),
        ("role = [\"web\", \"cook\"]", "", Some("role"), "`cook` is no role"),
        ("role = []", "", Some("role"), "does nothing"),
        ("[plugins]\ndir = \"nowhere\"", "", Some("plugins.dir"), "there is no folder"),
        ("[themes]\ndir = \"nowhere\"", "", Some("themes.dir"), "there is no folder"),
        (
            "[federation]\nallow_loopback = \"yes\"",
            ", line 2",
            Some("federation.allow_loopback"),
            "must be true or false",
        ),
    ] {
        let mistake = mistake(file, &[]);
        let text = mistake.to_string();
        assert!(mistake.place.contains("config.toml"), "{file}: {text}");
        assert!(mistake.place.ends_with(line), "{file}: {text}");
        assert_eq!(mistake.key.as_deref(), key, "{file}: {text}");
        assert!(text.contains(words), "{file}: {text}");
        assert!(!mistake.fix.is_empty(), "{file}: {text}");
    }
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    for (name, value, words) in [
        ("PAPPUS_SERVER__LISTEN", "4000", "Write it like 127.0.0.1:4000"),
        ("PAPPUS_SERVER__LISEN", "127.0.0.1:1", "Did you mean server.listen?"),
        ("PAPPUS_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, x", "`x` is not a network"),
        ("PAPPUS_FEDERATION__ALLOW_LOOPBACK", "maybe", "must be true or false"),
        ("PAPPUS_ROLE", "cook", "is no role"),
        ("PAPPUS_DATABASE__URL_FILE", "/nonexistent", "cannot be read"),
    ] {
        let mistake = mistake("", &[(name, value)]);
        assert_eq!(mistake.place, name, "{mistake}");
        assert!(mistake.to_string().contains(words), "{mistake}");
    }
}

#[test]
fn a_password_in_a_wrong_database_address_is_not_repeated() {
    let mistake = mistake("", &[("PAPPUS_DATABASE__URL", "postgers://me:hunter2@localhost/x")]);
    assert!(!mistake.to_string().contains("hunter2"), "{mistake}");
}

#[test]
fn nothing_at_all_is_a_valid_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let config = load(dir.path(), "", &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.database, format!("sqlite:{}", dir.path().join("pappus.db").display()));
    assert!(config.role.web && config.role.worker && !config.allow_loopback && config.metrics.is_none());
    load(dir.path(), &key::example(), &[]).unwrap();
}

#[test]
fn the_environment_wins_over_the_file_and_the_command_line_over_both() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("more")).unwrap();
    let file = "[server]\nlisten = \"127.0.0.1:1\"\n[log]\nformat = \"json\"\n[plugins]\ndir = \"more\"\n";
    let from_file = load(dir.path(), file, &[]).unwrap();
    assert_eq!((from_file.listen.port(), from_file.log_format), (1, LogFormat::Json));
    assert_eq!(from_file.plugins_dir, Some(dir.path().join("more")));

    let over =
        [("PAPPUS_SERVER__LISTEN", "127.0.0.1:2"), ("PAPPUS_SERVER__TRUSTED_PROXIES", "10.0.0.1,::1/128")];
    let from_environment = load(dir.path(), "", &over).unwrap();
    assert_eq!(from_environment.listen.port(), 2);
    assert_eq!(from_environment.trusted_proxies.len(), 2);
    assert!(from_environment.trusted_proxies.iter().any(|net| net.to_string() == "10.0.0.1/32"));

    let given = Given {
        data: Some(dir.path().to_owned()),
        flags: vec![("server.listen", "127.0.0.1:3".to_owned())],
        environment: vec![("PAPPUS_SERVER__LISTEN".to_owned(), "127.0.0.1:2".to_owned())],
        ..Given::default()
    };
    let config = Config::load(&given).unwrap();
    assert_eq!(config.listen.port(), 3);
    let origin = |key| config.values().into_iter().find(|(name, ..)| *name == key).unwrap().2;
    assert_eq!(origin("server.listen"), "--listen");
    assert!(origin("log.format").ends_with("config.toml"));
    assert_eq!(origin("themes.active"), "the default");
    assert_eq!(origin("server.base_url"), "not set");
}

#[test]
fn a_secret_may_come_from_a_file_and_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("url");
    std::fs::write(&file, "postgres://me:hunter2@localhost/pappus\n").unwrap();
    let config = load(dir.path(), "", &[("PAPPUS_DATABASE__URL_FILE", file.to_str().unwrap())]).unwrap();
    assert_eq!(config.database, "postgres://me:hunter2@localhost/pappus");
    assert!(!format!("{:?}", config.values()).contains("hunter2"));
}

#[test]
fn the_loopback_switch_is_for_test_pods_only() {
    let dir = tempfile::tempdir().unwrap();
    let config = load(dir.path(), "", &[("PAPPUS_FEDERATION__ALLOW_LOOPBACK", "true")]).unwrap();
    let check = |url: &str| config.check_loopback(Some(&url.parse().unwrap()));
    for good in
        ["https://pod.test", "https://a.pod.test:8443", "http://127.0.0.1:4000", "http://localhost:4000"]
    {
        check(good).unwrap();
    }
    for bad in ["https://pod.example", "https://pod.test.example", "https://test", "https://10.0.0.1"] {
        let mistake = check(bad).unwrap_err();
        assert_eq!(mistake.place, "PAPPUS_FEDERATION__ALLOW_LOOPBACK", "{bad}");
    }
    assert!(config.check_loopback(None).is_err());
    let off = load(dir.path(), "", &[]).unwrap();
    off.check_loopback(Some(&"https://pod.example".parse().unwrap())).unwrap();
}

#[test]
fn the_doctor_says_when_visitors_cannot_be_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let say = |file: &str| {
        let found = pappus::examine::proxies(&load(dir.path(), file, &[]).unwrap());
        (found.state, found.text)
    };
    assert_eq!(say("").0, State::Ok, "a proxy on this machine is believed without a word");
    let (state, text) = say("[server]\ntrusted_proxies = []");
    assert!(state == State::Warn && text.contains("server.trusted_proxies"), "{text}");
    let (state, text) = say("[server]\nlisten = \"0.0.0.0:4000\"");
    assert!(state == State::Warn && text.contains("0.0.0.0:4000"), "{text}");
    let named = "[server]\nlisten = \"0.0.0.0:4000\"\ntrusted_proxies = [\"10.0.0.1\"]";
    assert_eq!(say(named).0, State::Ok);
}
