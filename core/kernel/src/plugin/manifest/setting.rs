//! What a plugin lets people choose: the pod makes the forms of it, and checks what is typed. A value is JSON of the
//! setting's type; none where nothing is chosen and there is no default.
use std::collections::BTreeSet;

use pappus_federation::id::DiasporaId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ManifestError, file::checked_line, parts::key};

const MOST: usize = 32;
const MOST_CHOICES: usize = 50;
const MOST_LINES: usize = 100;
/// Letters of a text, and of a line of a list.
const LONGEST: i64 = 4000;
const LINE: i64 = 255;

/// Who chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingScope {
    /// The podmin, for everybody.
    Site,
    /// Each member for themselves.
    User,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub key: String,
    pub scope: SettingScope,
    pub kind: SettingKind,
    /// Keys of the plugin's own sentences. Those of choices are the label's, a `-` and the choice.
    pub label: String,
    pub help: Option<String>,
    pub default: Option<Value>,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingKind {
    /// One line.
    Text {
        min: usize,
        max: usize,
    },
    Integer {
        min: i64,
        max: i64,
    },
    Boolean,
    Choice(Vec<String>),
    /// `#rrggbb`
    Color,
    /// `https://host`, without a path.
    Origin,
    /// Never read again, only sent to one origin: that of a setting, if one is named.
    Secret {
        of: Option<String>,
    },
    /// `name@host`
    Handle,
    /// Lines.
    List {
        max: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SettingTable {
    key: String,
    scope: SettingScope,
    #[serde(rename = "type")]
    kind: Type,
    label: String,
    help: Option<String>,
    default: Option<Value>,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(rename = "for")]
    of: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Type {
    Text,
    Integer,
    Boolean,
    Choice,
    Color,
    Origin,
    Secret,
    Handle,
    List,
}

impl Setting {
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, SettingKind::Secret { .. })
    }

    /// What was typed as a value, none where nothing was; else the rule that it breaks.
    pub fn typed(&self, text: &str) -> Result<Option<Value>, &'static str> {
        let text = text.trim();
        let value = match &self.kind {
            SettingKind::Boolean => Value::from(!matches!(text, "" | "false" | "0")),
            _ if text.is_empty() => return Ok(None),
            SettingKind::Integer { .. } => Value::from(text.parse::<i64>().map_err(|_| "setting-number")?),
            SettingKind::List { .. } => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.map(Value::from).collect()
            }
            _ => Value::from(text),
        };
        self.checked(value).map(Some)
    }

    /// The value as it is kept, or the rule that it breaks.
    pub fn checked(&self, value: Value) -> Result<Value, &'static str> {
        match (&self.kind, &value) {
            (SettingKind::Boolean, Value::Bool(_)) => Ok(value),
            (SettingKind::Integer { min, max }, Value::Number(number)) => {
                let number = number.as_i64().ok_or("setting-number")?;
                if (*min..=*max).contains(&number) { Ok(value) } else { Err("setting-range") }
            }
            (SettingKind::List { max }, Value::Array(lines)) => {
                if lines.len() > *max {
                    return Err("too-many");
                }
                let good =
                    |line: &Value| line.as_str().ok_or("invalid").and_then(|line| one_line(line, LINE));
                lines.iter().try_for_each(good).map(|()| value)
            }
            (kind, Value::String(text)) => text_of(kind, text).map(Value::from),
            _ => Err("invalid"),
        }
    }
}

fn text_of(kind: &SettingKind, text: &str) -> Result<String, &'static str> {
    match kind {
        SettingKind::Text { min, max } => {
            let letters = text.chars().count();
            if letters < *min {
                return Err("too-short");
            }
            one_line(text, i64::try_from(*max).unwrap_or(LONGEST))?;
            Ok(text.to_owned())
        }
        SettingKind::Choice(choices) if choices.iter().any(|choice| choice == text) => Ok(text.to_owned()),
        SettingKind::Choice(_) => Err("unknown-choice"),
        SettingKind::Color => {
            let digits = text.strip_prefix('#').ok_or("setting-color")?;
            let good = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if good { Ok(text.to_ascii_lowercase()) } else { Err("setting-color") }
        }
        SettingKind::Origin => origin(text).ok_or("setting-origin"),
        SettingKind::Handle => {
            let id: DiasporaId = text.parse().map_err(|_| "setting-handle")?;
            Ok(id.as_str().to_owned())
        }
        _ => Err("invalid"),
    }
}

fn one_line(text: &str, most: i64) -> Result<(), &'static str> {
    if text.chars().any(char::is_control) {
        return Err("characters");
    }
    let letters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if letters <= most { Ok(()) } else { Err("too-long") }
}

/// The address of a server and nothing behind it, as it is compared.
pub fn origin(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok().filter(|url| url.scheme() == "https" && text.len() <= 255)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    (bare && nobody && url.host().is_some()).then(|| url.origin().ascii_serialization())
}

pub(super) fn checked_settings(tables: Vec<SettingTable>) -> Result<Vec<Setting>, ManifestError> {
    if tables.len() > MOST {
        return Err(ManifestError::new("setting", format!("more than {MOST}")));
    }
    let mut keys = BTreeSet::new();
    let mut all = Vec::new();
    for table in tables {
        let setting = checked(table)?;
        if !keys.insert(setting.key.clone()) {
            return Err(ManifestError::new(format!("setting.{}", setting.key), "stands there twice"));
        }
        all.push(setting);
    }
    for setting in &all {
        let SettingKind::Secret { of: Some(of) } = &setting.kind else { continue };
        let named = all.iter().find(|other| other.key == *of && other.kind == SettingKind::Origin);
        // a member's secret may be for the podmin's server, but not the other way round
        if !named.is_some_and(|it| it.scope == setting.scope || it.scope == SettingScope::Site) {
            let at = format!("setting.{}.for", setting.key);
            return Err(ManifestError::new(at, "must name a setting of type `origin` of the same scope"));
        }
    }
    Ok(all)
}

fn checked(table: SettingTable) -> Result<Setting, ManifestError> {
    let name = key("setting.key", table.key.clone())?;
    let at = |part: &str| format!("setting.{name}.{part}");
    let kind = checked_kind(&table).map_err(|(part, wrong)| ManifestError::new(at(part), wrong))?;
    let label = checked_line(&at("label"), table.label, 60)?;
    let help = table.help.map(|help| checked_line(&at("help"), help, 60)).transpose()?;
    let mut setting = Setting { key: name.clone(), scope: table.scope, kind, label, help, default: None };
    if let Some(default) = table.default {
        if setting.is_secret() {
            return Err(ManifestError::new(at("default"), "a secret has none"));
        }
        let wrong = |_| ManifestError::new(at("default"), "is not a value of this setting");
        setting.default = Some(setting.checked(default).map_err(wrong)?);
    }
    Ok(setting)
}

fn checked_kind(table: &SettingTable) -> Result<SettingKind, (&'static str, &'static str)> {
    let has_bounds = table.min.is_some() || table.max.is_some();
    if has_bounds && !matches!(table.kind, Type::Text | Type::Integer | Type::List) {
        return Err(("min", "only texts, integers and lists have bounds"));
    }
    if table.choices.is_empty() == (table.kind == Type::Choice) {
        return Err(("choices", "must be there for a choice and for nothing else"));
    }
    if table.of.is_some() && table.kind != Type::Secret {
        return Err(("for", "is of secrets only"));
    }
    let size = |value: Option<i64>, otherwise: i64, most: i64| {
        let value = value.unwrap_or(otherwise);
        let size = usize::try_from(value).ok().filter(|_| value <= most);
        size.ok_or(("max", "out of bounds"))
    };
    Ok(match table.kind {
        Type::Text => {
            SettingKind::Text { min: size(table.min, 0, LONGEST)?, max: size(table.max, LINE, LONGEST)? }
        }
        Type::Integer => {
            let (min, max) = (table.min.unwrap_or(i64::MIN), table.max.unwrap_or(i64::MAX));
            if min > max {
                return Err(("min", "is more than `max`"));
            }
            SettingKind::Integer { min, max }
        }
        Type::Boolean => SettingKind::Boolean,
        Type::Choice => SettingKind::Choice(checked_choices(&table.choices)?),
        Type::Color => SettingKind::Color,
        Type::Origin => SettingKind::Origin,
        Type::Secret => SettingKind::Secret { of: table.of.clone() },
        Type::Handle => SettingKind::Handle,
        Type::List => {
            let most = i64::try_from(MOST_LINES).unwrap_or(LINE);
            SettingKind::List { max: size(table.max, most, most)? }
        }
    })
}

fn checked_choices(choices: &[String]) -> Result<Vec<String>, (&'static str, &'static str)> {
    let good = |choice: &String| key("", choice.clone()).is_ok();
    let different = choices.iter().collect::<BTreeSet<_>>().len() == choices.len();
    if choices.len() > MOST_CHOICES || !different || !choices.iter().all(good) {
        return Err(("choices", "must be different names of a-z, 0-9 and `-`, at most 50"));
    }
    Ok(choices.to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::Manifest;
    use serde_json::json;

    fn parse(settings: &str) -> Result<Manifest, super::ManifestError> {
        Manifest::parse(&format!(
            "[plugin]\nid='org.example.x'\nslug='x'\nname='X'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n{settings}"
        ))
    }

    fn one(more: &str) -> String {
        format!("[[setting]]\nkey='k'\nscope='site'\nlabel='l'\n{more}\n")
    }

    #[test]
    fn every_mistake_of_a_setting_is_named_where_it_stands() {
        let cases = [
            (one("type='integer'\nmin=3\nmax=2"), "setting.k.min"),
            (one("type='integer'\nmin=3\ndefault=2"), "setting.k.default"),
            (one("type='integer'\ndefault='2'"), "setting.k.default"),
            (one("type='text'\nmax=5000"), "setting.k.max"),
            (one("type='text'\nmin=-1"), "setting.k.max"),
            (one("type='boolean'\nmax=1"), "setting.k.min"),
            (one("type='boolean'\nfor='o'"), "setting.k.for"),
            (one("type='choice'"), "setting.k.choices"),
            (one("type='choice'\nchoices=['a','a']"), "setting.k.choices"),
            (one("type='choice'\nchoices=['A b']"), "setting.k.choices"),
            (one("type='text'\nchoices=['a']"), "setting.k.choices"),
            (one("type='secret'\ndefault='x'"), "setting.k.default"),
            (one("type='secret'\nfor='none'"), "setting.k.for"),
            (one("type='origin'\ndefault='http://a.example'"), "setting.k.default"),
            (format!("{}{}", one("type='color'"), one("type='color'")), "setting.k"),
            (one("type='text'").replace("'k'", "'K'"), "setting.key"),
            (one("type='text'").replace("'l'", "' '"), "setting.k.label"),
        ];
        for (settings, at) in cases {
            assert_eq!(parse(&settings).unwrap_err().at, at, "{settings}");
        }
        let members = "[[setting]]\nkey='o'\nscope='user'\nlabel='l'\ntype='origin'\n".to_owned();
        assert_eq!(parse(&(members + &one("type='secret'\nfor='o'"))).unwrap_err().at, "setting.k.for");
    }

    #[test]
    fn what_is_typed_becomes_a_value_of_the_type_or_breaks_a_rule_that_has_a_name() {
        let cases = [
            ("type='text'\nmin=2\nmax=4", " abcd ", Ok(Some(json!("abcd")))),
            ("type='text'\nmin=2\nmax=4", "a", Err("too-short")),
            ("type='text'\nmin=2\nmax=4", "abcde", Err("too-long")),
            ("type='text'", "a\u{7}b", Err("characters")),
            ("type='text'", "  ", Ok(None)),
            ("type='integer'\nmin=2\nmax=50", "50", Ok(Some(json!(50)))),
            ("type='integer'\nmin=2\nmax=50", "51", Err("setting-range")),
            ("type='integer'", "one", Err("setting-number")),
            ("type='boolean'", "true", Ok(Some(json!(true)))),
            ("type='boolean'", "", Ok(Some(json!(false)))),
            ("type='choice'\nchoices=['a','b']", "b", Ok(Some(json!("b")))),
            ("type='choice'\nchoices=['a','b']", "c", Err("unknown-choice")),
            ("type='color'", "#00FFaa", Ok(Some(json!("#00ffaa")))),
            ("type='color'", "red", Err("setting-color")),
            ("type='color'", "#12345é", Err("setting-color")),
            ("type='origin'", "https://Other.Example:443/", Ok(Some(json!("https://other.example")))),
            ("type='origin'", "https://other.example:8443", Ok(Some(json!("https://other.example:8443")))),
            ("type='origin'", "http://other.example", Err("setting-origin")),
            ("type='origin'", "https://a:b@other.example", Err("setting-origin")),
            ("type='origin'", "https://other.example/path", Err("setting-origin")),
            ("type='handle'", "alice@pod.example", Ok(Some(json!("alice@pod.example")))),
            ("type='handle'", "alice", Err("setting-handle")),
            ("type='list'\nmax=2", "a\r\n\n b \n", Ok(Some(json!(["a", "b"])))),
            ("type='list'\nmax=2", "a\nb\nc", Err("too-many")),
        ];
        for (setting, text, expected) in cases {
            let manifest = parse(&one(setting)).unwrap();
            assert_eq!(manifest.settings[0].typed(text), expected, "{setting}: {text}");
        }
    }
}
