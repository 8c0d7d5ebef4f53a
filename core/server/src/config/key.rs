//! Every key there is: what a configuration may say, in one table that also writes the commented example.
use std::fmt::Write as _;

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words between quotes.
    Text,
    /// `true` or `false`.
    Switch,
    /// Several texts; in the environment separated by commas.
    List,
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// `section.name`, or a bare name at the top.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// The default as the file would say it; none where leaving it out means something of its own.
    pub default: Option<&'static str>,
    /// A value to show in the commented file.
    pub example: &'static str,
    /// What it is for.
    pub about: &'static str,
}

const fn key(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key { name, kind, default, example, about }
}

/// In the order of the commented file: the bare names first, as TOML wants it.
pub const KEYS: &[Key] = &[
    key(
        "role",
        Kind::List,
        Some(r#"["web", "worker"]"#),
        r#"["web", "worker"]"#,
        "What this process does. Several processes may share one PostgreSQL.",
    ),
    key(
        "server.listen",
        Kind::Text,
        Some("\"127.0.0.1:4000\""),
        "\"127.0.0.1:4000\"",
        "The address and port that answer HTTP. A proxy with TLS stands in front.",
    ),
    key(
        "server.base_url",
        Kind::Text,
        None,
        "\"https://pod.example\"",
        "Where members and other pods reach this pod. Fixed for good once somebody has an account.\n\
         Left out, the setup page asks for it.",
    ),
    key(
        "server.trusted_proxies",
        Kind::List,
        Some(r#"["127.0.0.0/8", "::1/128"]"#),
        r#"["127.0.0.0/8", "::1/128"]"#,
        "Networks whose X-Forwarded-For is believed. Name the proxy if it is another machine: without it all\n\
         visitors look like one, and share one limit of sign-ins.",
    ),
    key(
        "database.url",
        Kind::Text,
        Some("\"sqlite:pappus.db\""),
        "\"sqlite:pappus.db\"",
        "sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME. PAPPUS_DATABASE__URL_FILE names a file to read it from.",
    ),
    key(
        "media.dir",
        Kind::Text,
        Some("\"media\""),
        "\"media\"",
        "The folder with members' pictures, if they are not in a bucket.",
    ),
    key(
        "media.s3_bucket",
        Kind::Text,
        None,
        "\"pod-media\"",
        "The bucket of an S3-compatible store that keeps members' pictures instead of a folder. It needs no public\n\
         access: the pod serves what is in it.",
    ),
    key(
        "media.s3_endpoint",
        Kind::Text,
        None,
        "\"https://s3.example\"",
        "Where that store is. Left out: Amazon's.",
    ),
    key("media.s3_region", Kind::Text, Some("\"us-east-1\""), "\"us-east-1\"", "The region of the bucket."),
    key(
        "media.s3_access_key",
        Kind::Text,
        None,
        "\"AKIA…\"",
        "The id of the key that may read, write and delete in the bucket.",
    ),
    key(
        "media.s3_secret_key",
        Kind::Text,
        None,
        "\"…\"",
        "The secret of that key. PAPPUS_MEDIA__S3_SECRET_KEY_FILE names a file to read it from.",
    ),
    key("log.format", Kind::Text, Some("\"text\""), "\"text\"", "text for people, json for machines."),
    key(
        "log.level",
        Kind::Text,
        Some("\"info\""),
        "\"info\"",
        "error, warn, info, debug or trace; or by part: \"info,pappus_kernel=debug\".",
    ),
    key(
        "metrics.listen",
        Kind::Text,
        None,
        "\"127.0.0.1:9464\"",
        "Prometheus metrics at /metrics, for nobody but you. Left out: none.",
    ),
    key(
        "plugins.dir",
        Kind::Text,
        None,
        "\"plugins\"",
        "One more folder to look for plugins in, besides `plugins` in the data directory.",
    ),
    key("themes.active", Kind::Text, Some("\"seedhead\""), "\"seedhead\"", "The theme that pages wear."),
    key(
        "themes.dir",
        Kind::Text,
        None,
        "\"themes\"",
        "One more folder to look for themes in, besides `themes` in the data directory.",
    ),
    key(
        "federation.extra_ca_file",
        Kind::Text,
        None,
        "\"authority.pem\"",
        "Certificates (PEM) of a private authority that other pods' TLS may show.",
    ),
    key(
        "federation.allow_loopback",
        Kind::Switch,
        Some("false"),
        "false",
        "Lets the pod reach pods on this very machine, for tests: only where the base URL ends in .test or is a\n\
         loopback address.",
    ),
];

/// The key with this name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The key that somebody who wrote `name` may have meant.
pub fn suggest(name: &str) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    KEYS.iter()
        .map(|key| {
            // a right name in a wrong section is as likely as a slip of a finger; of two, the nearer section
            let whole = strsim::jaro_winkler(key.name, name);
            let end = strsim::jaro_winkler(&last(key.name), &last(name)) - 0.05;
            (whole.max(end) + whole / 100.0, key.name)
        })
        .filter(|(near, _)| *near > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// The commented `config.toml` that says what is the case anyway.
pub fn example() -> String {
    let mut text = String::from(
        "# The configuration of a Pappus pod. Every line is what holds without it; take away the # to change it.\n\
         # Environment variables win over this file: PAPPUS_SERVER__LISTEN is listen below [server].\n\
         # Relative paths start at the data directory.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if of != section {
            section = of;
            let _ = write!(text, "\n[{section}]");
        }
        text.push('\n');
        for line in key.about.lines() {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "#{name} = {}", key.example);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_nonsense_is_not() {
        assert_eq!(suggest("server.lisen"), Some("server.listen"));
        assert_eq!(suggest("server.baseurl"), Some("server.base_url"));
        assert_eq!(suggest("severs.listen"), Some("server.listen"));
        assert_eq!(suggest("web.trusted_proxies"), Some("server.trusted_proxies"));
        assert_eq!(suggest("zzz"), None);
    }

    #[test]
    fn the_example_is_toml_of_known_keys_with_and_without_its_comment_signs() {
        let example = example();
        toml::from_str::<toml::Table>(&example).unwrap();
        let bare: String = example
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(line))
            .fold(String::new(), |all, line| all + line + "\n");
        let table = toml::from_str::<toml::Table>(&bare).unwrap();
        let count: usize = table.values().map(|value| value.as_table().map_or(1, toml::Table::len)).sum();
        assert_eq!(count, KEYS.len());
    }

    #[test]
    fn every_default_is_toml_of_its_kind() {
        for key in KEYS {
            let Some(default) = key.default else { continue };
            let value = &toml::from_str::<toml::Table>(&format!("x = {default}")).unwrap()["x"];
            let fits = match key.kind {
                Kind::Text => value.is_str(),
                Kind::Switch => value.is_bool(),
                Kind::List => value.is_array(),
            };
            assert!(fits, "{}", key.name);
        }
    }
}
