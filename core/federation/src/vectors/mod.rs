//! Runs test vectors: messages and documents that other peers really made, with the verdict
//! that a receiver must come to. Everything goes through the code that real messages take.

mod document;
mod message;

use std::path::Path;
use std::{fs, io};

use serde_json::Value;

/// One thing that was looked at in a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What: `verdict`, `fields`, `base string`, …
    pub name: &'static str,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// What came of one vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The vector.
    pub id: String,
    /// What was looked at. Nothing at all is a failure.
    pub checks: Vec<Check>,
    /// What was decided where either verdict is fine.
    pub choices: Vec<Choice>,
}

/// A verdict where another would be fine, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Of which case of the vector; empty where it has none.
    pub case: String,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
}

impl Choice {
    fn named(&self) -> String {
        if self.case.is_empty() { String::new() } else { format!(" {:?}", self.case) }
    }
}

impl Report {
    /// True if something was checked and nothing failed.
    pub fn passed(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.failure.is_none())
    }

    /// True if that check was made.
    pub fn made(&self, name: &str) -> bool {
        self.checks.iter().any(|check| check.name == name)
    }

    pub(crate) fn check(&mut self, name: &'static str, result: Result<(), String>) {
        self.checks.push(Check { name, failure: result.err() });
    }

    pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(&mut self, name: &'static str, ours: &T, theirs: &T) {
        let result =
            if ours == theirs { Ok(()) } else { Err(format!("ours {ours:.400?}, theirs {theirs:.400?}")) };
        self.check(name, result);
    }

    /// One line for people: the checks made, or what went wrong.
    pub fn line(&self) -> String {
        let words = self.checks.iter().map(|check| match &check.failure {
            None => check.name.to_owned(),
            Some(why) => format!("{} FAILED: {why}", check.name),
        });
        let words = words.collect::<Vec<_>>().join(", ");
        let mark = if self.passed() { "ok" } else { "FAILED" };
        let words = if words.is_empty() { "no check was made".to_owned() } else { words };
        let choices = self.choices.iter().map(|choice| match &choice.refused {
            None => format!("; optional{}: accepted", choice.named()),
            Some(why) => format!("; optional{}: refused: {why}", choice.named()),
        });
        format!("{mark} {}: {words}{}", self.id, choices.collect::<String>())
    }
}

/// Reads every `*.json` of a folder, in the order of their names.
pub fn load(folder: &Path) -> io::Result<Vec<Value>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut vectors = Vec::new();
    for file in files {
        let mut document: Value = serde_json::from_slice(&fs::read(file)?)?;
        if let Some(Value::Array(found)) = document.get_mut("vectors").map(Value::take) {
            vectors.extend(found);
        }
    }
    Ok(vectors)
}

/// Runs one vector.
pub fn run(vector: &Value) -> Report {
    let id = text(vector, "/id").unwrap_or("(a vector without id)").to_owned();
    let mut report = Report { id, checks: Vec::new(), choices: Vec::new() };
    match text(vector, "/kind") {
        Some("message") => message::run(vector, &mut report),
        Some(kind) => document::run(vector, kind, &mut report),
        None => {}
    }
    report
}

/// Runs a folder.
pub fn run_folder(folder: &Path) -> io::Result<Vec<Report>> {
    Ok(load(folder)?.iter().map(run).collect())
}

/// The closing line.
pub fn summary(reports: &[Report]) -> String {
    let passed = reports.iter().filter(|report| report.passed()).count();
    format!("{passed} passed, {} failed", reports.len() - passed)
}

/// Compares the verdict with what the vector wants; `optional` ones may go either way.
fn check_verdict(vector: &Value, report: &mut Report, refused: Option<&str>) {
    let valid = vector.get("valid").and_then(Value::as_bool).unwrap_or(false);
    let optional = text(vector, "/strictness") == Some("optional");
    if optional {
        report.choices.push(Choice { case: String::new(), refused: refused.map(str::to_owned) });
    }
    report.check(
        "verdict",
        match refused {
            Some(why) if valid && !optional => Err(format!("refused: {why}")),
            None if !valid && !optional => Err("accepted".to_owned()),
            _ => Ok(()),
        },
    );
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}
