//! Where values come from: defaults, the file, the environment, the command line. Each layer is checked by
//! itself, so that a mistake is named where it was made, even if a later layer hides it.
use super::{
    Mistake,
    key::{self, KEYS, Key, Kind},
};
use figment::{
    Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};
use std::{collections::BTreeMap, path::PathBuf};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: the default.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// An environment variable that begins with `PAPPUS_`.
    Environment,
    /// An option of the command.
    Flag,
}

impl Origin {
    /// The place of `key` in words.
    pub fn place(&self, key: &str) -> String {
        match self {
            Self::Default => "the default".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Environment => variable(key),
            Self::Flag => format!("--{}", key.rsplit('.').next().unwrap_or(key).replace('_', "-")),
        }
    }
}

/// The environment variable of a key.
pub fn variable(key: &str) -> String {
    format!("PAPPUS_{}", key.to_uppercase().replace('.', "__"))
}

/// Checked values from one place.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The place.
    pub origin: Origin,
    values: BTreeMap<&'static str, Value>,
}

/// Keys that the environment may keep in a file, and what is in it.
const SECRETS: [(&str, &str); 2] = [
    ("database.url", "the address of the database"),
    ("media.s3_secret_key", "the secret of the bucket's key"),
];

impl Layer {
    /// What holds if nobody says anything.
    pub fn defaults() -> Self {
        let written = KEYS.iter().filter_map(|key| Some((key, key.default?)));
        let parse = |text: &str| toml::from_str::<toml::Table>(&format!("x = {text}")).ok()?.remove("x");
        let values =
            written.filter_map(|(key, text)| Some((key.name, value(key, &parse(text)?).ok()?))).collect();
        Self { origin: Origin::Default, values }
    }

    /// A file's text.
    pub fn file(path: PathBuf, text: &str) -> Result<Self, Mistake> {
        let origin = Origin::File(path);
        let table: toml::Table = toml::from_str(text).map_err(|error| Mistake {
            place: origin.place(""),
            key: None,
            problem: format!("this is not TOML: {}", error.to_string().trim_end()),
            fix: "Mend that line; `pappus config default` prints a file that works".into(),
        })?;
        let mut layer = Self { origin, values: BTreeMap::new() };
        let mut bare = toml::Table::new();
        for (name, inner) in table {
            match inner {
                toml::Value::Table(inner) if key::find(&name).is_none() => {
                    for (inner_name, value) in inner {
                        layer.take(text, &format!("{name}.{inner_name}"), &value)?;
                    }
                }
                value => drop(bare.insert(name, value)),
            }
        }
        for (name, value) in bare {
            layer.take(text, &name, &value)?;
        }
        Ok(layer)
    }

    fn take(&mut self, text: &str, name: &str, written: &toml::Value) -> Result<(), Mistake> {
        let place = format!("{}{}", self.origin.place(name), line_of(text, name));
        let Some(key) = key::find(name) else { return Err(unknown(place, name)) };
        let value = value(key, written).map_err(|found| wrong_kind(place, key, found))?;
        self.values.insert(key.name, value);
        Ok(())
    }

    /// The variables that begin with `PAPPUS_` and name a section with `__`, and `PAPPUS_ROLE`.
    pub fn environment(variables: impl Iterator<Item = (String, String)>) -> Result<Self, Mistake> {
        let mut layer = Self { origin: Origin::Environment, values: BTreeMap::new() };
        for (variable, text) in variables {
            let Some(rest) = variable.strip_prefix("PAPPUS_") else { continue };
            if !rest.contains("__") && rest != "ROLE" {
                continue;
            }
            let name = rest.to_lowercase().replace("__", ".");
            let secret = SECRETS.iter().find(|(key, _)| name.strip_suffix("_file") == Some(key));
            if let Some((key, what)) = secret {
                let read = read_secret(&text).map_err(|problem| Mistake {
                    place: variable.clone(),
                    key: Some((*key).into()),
                    problem,
                    fix: format!("Name a file that holds {what} and that this user can read"),
                })?;
                layer.values.insert(key, Value::from(read));
                continue;
            }
            let Some(key) = key::find(&name) else { return Err(unknown(variable, &name)) };
            layer
                .values
                .insert(key.name, from_text(key, &text).map_err(|found| wrong_kind(variable, key, found))?);
        }
        Ok(layer)
    }

    /// What the command line says.
    pub fn flags(given: &[(&'static str, String)]) -> Result<Self, Mistake> {
        let mut layer = Self { origin: Origin::Flag, values: BTreeMap::new() };
        for (name, text) in given {
            let place = layer.origin.place(name);
            let Some(key) = key::find(name) else { return Err(unknown(place, name)) };
            layer
                .values
                .insert(key.name, from_text(key, text).map_err(|found| wrong_kind(place, key, found))?);
        }
        Ok(layer)
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        let origin = self.origin.clone();
        let name = match &self.origin {
            Origin::Default => "default",
            Origin::File(_) => "file",
            Origin::Environment => "environment",
            Origin::Flag => "flag",
        };
        let metadata = Metadata::named(name).interpolater(move |_, keys| origin.place(&keys.join(".")));
        match &self.origin {
            Origin::File(path) => metadata.source(path.as_path()),
            _ => metadata,
        }
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let mut dict = Dict::new();
        for (name, value) in &self.values {
            let nested = figment::util::nest(name, value.clone());
            let Some(nested) = nested.into_dict() else { continue };
            for (section, value) in nested {
                merge(&mut dict, section, value);
            }
        }
        Ok(Map::from([(Profile::Default, dict)]))
    }
}

fn merge(into: &mut Dict, section: String, value: Value) {
    match (into.get_mut(&section), value) {
        (Some(Value::Dict(_, there)), Value::Dict(_, more)) => there.extend(more),
        (_, value) => drop(into.insert(section, value)),
    }
}

/// The value as `key` wants it, or what it is instead.
fn value(key: &Key, written: &toml::Value) -> Result<Value, &'static str> {
    let texts = |list: &[toml::Value]| {
        list.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    };
    match (key.kind, written) {
        (Kind::Text, toml::Value::String(text)) => Ok(Value::from(text.as_str())),
        (Kind::Switch, toml::Value::Boolean(on)) => Ok(Value::from(*on)),
        (Kind::List, toml::Value::Array(list)) => {
            texts(list).map(Value::from).ok_or("a list in which not everything is a text")
        }
        (_, toml::Value::String(_)) => Err("a text"),
        (_, toml::Value::Integer(_) | toml::Value::Float(_)) => Err("a number"),
        (_, toml::Value::Boolean(_)) => Err("true or false"),
        (_, toml::Value::Array(_)) => Err("a list"),
        (_, toml::Value::Table(_)) => Err("a section"),
        (_, toml::Value::Datetime(_)) => Err("a date"),
    }
}

fn from_text(key: &Key, text: &str) -> Result<Value, &'static str> {
    match (key.kind, text.trim()) {
        (Kind::Text, text) => Ok(Value::from(text)),
        (Kind::Switch, "true" | "1" | "yes") => Ok(Value::from(true)),
        (Kind::Switch, "false" | "0" | "no" | "") => Ok(Value::from(false)),
        (Kind::Switch, _) => Err("something else"),
        (Kind::List, text) => {
            Ok(Value::from(text.split(',').map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>()))
        }
    }
}

fn unknown(place: String, name: &str) -> Mistake {
    let fix = key::suggest(name).map_or_else(
        || "Take it out; `pappus config default` lists every key".to_owned(),
        |near| format!("Did you mean {near}?"),
    );
    Mistake { place, key: Some(name.to_owned()), problem: "there is no such key".into(), fix }
}

fn wrong_kind(place: String, key: &Key, found: &str) -> Mistake {
    let wanted = match key.kind {
        Kind::Text => "a text in quotes",
        Kind::Switch => "true or false",
        Kind::List => "a list of texts",
    };
    Mistake {
        place,
        key: Some(key.name.to_owned()),
        problem: format!("it is {found} and must be {wanted}"),
        fix: format!("Write it like {}", key.example),
    }
}

/// `, line N` where the key stands, as far as a look at the text tells.
fn line_of(text: &str, name: &str) -> String {
    let (section, name) = name.split_once('.').unwrap_or(("", name));
    let mut here = String::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            header.trim().clone_into(&mut here);
        }
        let written = line.split('=').next().unwrap_or_default().trim().trim_matches('"');
        if (here == section && written == name) || (here.is_empty() && written == format!("{section}.{name}"))
        {
            return format!(", line {}", at + 1);
        }
    }
    String::new()
}

fn read_secret(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
    let text = text.trim();
    if text.is_empty() { Err(format!("{path} is empty")) } else { Ok(text.to_owned()) }
}
