//! The blocklists that fediverse servers exchange: CSV with a head line, or one host per line. Reading one
//! is pure; lines that name no host are reported, never guessed.
use super::{Block, LONGEST_REASON, NewBlock, Severity, Target};
use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// A longer list is refused, in bytes.
pub const LONGEST: usize = 1 << 20;
/// A list with more lines is refused.
pub const MOST: usize = 5_000;
/// Problems that are told one by one.
const TOLD: usize = 50;

const HEAD: &str = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate";

/// A line that names a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The host.
    pub host: String,
    /// `noop`, `silence` or `suspend`.
    pub severity: String,
    /// Their pictures.
    pub reject_media: bool,
    /// Their reports.
    pub reject_reports: bool,
    /// For everybody.
    pub reason: String,
    /// A published list shall not spell the host out.
    pub obfuscate: bool,
}

impl Entry {
    /// Lists mean a host with everything below it. None for an entry that `parse` did not make.
    pub(super) fn to_block(&self) -> Option<NewBlock> {
        Some(NewBlock {
            subdomains: true,
            reject_media: self.reject_media,
            reject_reports: self.reject_reports,
            obfuscate: self.obfuscate,
            reason: self.reason.replace('\0', "").chars().take(LONGEST_REASON).collect(),
            ..NewBlock::of(self.host.parse().ok()?, self.severity.parse().ok()?)
        })
    }
}

/// A line that is of no use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Its number, from 1.
    pub line: usize,
    /// How it begins.
    pub text: String,
    /// Why: `obfuscated`, `not-a-host`, `unknown-choice`, `no-effect`.
    pub rule: String,
}

/// A list that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What can be drafted.
    pub entries: Vec<Entry>,
    /// The first of what cannot.
    pub problems: Vec<Problem>,
    /// All of what cannot.
    pub problem_count: usize,
}

/// Reads a list. A plain one says nothing of how far: `plain` does.
pub fn parse(text: &str, plain: Severity) -> Result<Parsed, Invalid> {
    if text.len() > LONGEST {
        return Err(Invalid::new("list", "too-long"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let records = records(text);
    let columns = records.first().and_then(|(_, fields)| Columns::of(fields));
    let mut parsed = Parsed::default();
    for (line, fields) in records.iter().skip(usize::from(columns.is_some())) {
        let Some(first) = fields.first().map(|field| field.trim()) else { continue };
        if fields.iter().all(|field| field.trim().is_empty()) || first.starts_with('#') {
            continue;
        }
        match columns.as_ref().map_or_else(|| bare(fields, plain), |columns| columns.read(fields)) {
            Ok(entry) => parsed.entries.push(entry),
            Err(rule) => parsed.report(*line, fields, rule),
        }
    }
    if parsed.entries.is_empty() && parsed.problem_count == 0 {
        return Err(Invalid::new("list", "required"));
    }
    if parsed.entries.len() > MOST {
        return Err(Invalid::new("list", "too-many"));
    }
    Ok(parsed)
}

impl Parsed {
    fn report(&mut self, line: usize, fields: &[String], rule: &str) {
        self.problem_count += 1;
        if self.problems.len() < TOLD {
            let text = fields.join(",").chars().filter(|c| !c.is_control()).take(80).collect();
            self.problems.push(Problem { line, text, rule: rule.to_owned() });
        }
    }
}

/// Where in a record what stands.
struct Columns {
    host: usize,
    severity: Option<usize>,
    reject_media: Option<usize>,
    reject_reports: Option<usize>,
    reason: Option<usize>,
    obfuscate: Option<usize>,
}

impl Columns {
    /// Of a head line, if it is one.
    fn of(fields: &[String]) -> Option<Self> {
        let place = |name: &str| {
            let is = |field: &String| field.trim().trim_start_matches('#').eq_ignore_ascii_case(name);
            fields.iter().position(is)
        };
        Some(Self {
            host: place("domain")?,
            severity: place("severity"),
            reject_media: place("reject_media"),
            reject_reports: place("reject_reports"),
            reason: place("public_comment"),
            obfuscate: place("obfuscate"),
        })
    }

    fn read(&self, fields: &[String]) -> Result<Entry, &'static str> {
        let field =
            |place: Option<usize>| place.and_then(|at| fields.get(at)).map_or("", |field| field.trim());
        let yes = |place| matches!(field(place).to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "t");
        let severity: Severity = match self.severity {
            Some(_) => field(self.severity).parse().map_err(|()| "unknown-choice")?,
            None => Severity::Suspend,
        };
        let entry = Entry {
            host: host(field(Some(self.host)))?,
            severity: severity.name().to_owned(),
            reject_media: yes(self.reject_media),
            reject_reports: yes(self.reject_reports),
            reason: field(self.reason).chars().take(LONGEST_REASON).collect(),
            obfuscate: yes(self.obfuscate),
        };
        if severity == Severity::None && !entry.reject_media {
            return Err("no-effect");
        }
        Ok(entry)
    }
}

/// A line of a list without a head line: a host and nothing else.
fn bare(fields: &[String], severity: Severity) -> Result<Entry, &'static str> {
    let [only] = fields else { return Err("not-a-host") };
    let media_only = severity == Severity::None;
    Ok(Entry {
        host: host(only.trim())?,
        severity: severity.name().to_owned(),
        reject_media: media_only,
        reject_reports: false,
        reason: String::new(),
        obfuscate: false,
    })
}

fn host(text: &str) -> Result<String, &'static str> {
    let text = text.strip_prefix("*.").unwrap_or(text);
    if text.contains('*') || text.contains('…') {
        return Err("obfuscated");
    }
    match text.parse::<Target>() {
        Ok(target) if !target.is_person() => Ok(target.as_str().to_owned()),
        _ => Err("not-a-host"),
    }
}

/// Comma-separated fields, quoted where they hold commas, quotes or line ends; with the lines they begin on.
fn records(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut records = Vec::new();
    let (mut fields, mut field) = (Vec::new(), String::new());
    let (mut line, mut begun, mut quoted) = (1, 1, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => field.push(rest.next().unwrap_or_default()),
            '"' if quoted => quoted = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                fields.push(std::mem::take(&mut field));
                records.push((begun, std::mem::take(&mut fields)));
                begun = line + 1;
            }
            '\r' if !quoted => {}
            other => field.push(other),
        }
        line += usize::from(c == '\n');
    }
    if !field.is_empty() || !fields.is_empty() {
        fields.push(field);
        records.push((begun, fields));
    }
    records
}

/// The rules about hosts in the same format; people have no place in it.
pub fn print(blocks: &[Block]) -> String {
    let mut out = format!("{HEAD}\n");
    for block in blocks.iter().filter(|block| !block.target.contains('@')) {
        let reason = if block.reason.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", block.reason.replace('"', "\"\""))
        } else {
            block.reason.clone()
        };
        let severity = Severity::of(block.severity).name();
        // writing to a String does not fail
        let _ = writeln!(
            out,
            "{},{severity},{},{},{reason},{}",
            block.target, block.reject_media, block.reject_reports, block.obfuscate
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{BlockId, Timestamp};

    #[test]
    fn a_list_of_the_fediverse_is_read() {
        let text = "\u{feff}#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
            spam.example,suspend,True,false,\"spam, lots of \"\"it\"\"\nand more\",false\r\n\
            Loud.Example,silence,false,true,,TRUE\n\n\
            pics.example,noop,true,false,,\n\
            sp*m.example,suspend,false,false,,false\n\
            nothing.example,noop,false,false,,\n\
            odd.example,banish,,,,\n\
            not a host,suspend\n";
        let read = parse(text, Severity::Suspend).unwrap();
        let hosts: Vec<_> = read.entries.iter().map(|entry| entry.host.as_str()).collect();
        assert_eq!(hosts, ["spam.example", "loud.example", "pics.example"]);
        assert_eq!(read.entries[0].reason, "spam, lots of \"it\"\nand more");
        assert_eq!((read.entries[0].reject_media, read.entries[1].obfuscate), (true, true));
        let rules: Vec<_> = read.problems.iter().map(|one| (one.line, one.rule.as_str())).collect();
        assert_eq!(rules, [(7, "obfuscated"), (8, "no-effect"), (9, "unknown-choice"), (10, "not-a-host")]);
    }

    #[test]
    fn a_plain_list_says_only_whom() {
        let read = parse(
            "# ours\nbad.example\n*.worse.example\n\nuser@bad.example\na.example,b.example\n",
            Severity::Silence,
        );
        let read = read.unwrap();
        let said: Vec<_> =
            read.entries.iter().map(|entry| (entry.host.as_str(), entry.severity.as_str())).collect();
        assert_eq!(said, [("bad.example", "silence"), ("worse.example", "silence")]);
        assert_eq!(read.problem_count, 2);
    }

    #[test]
    fn a_list_without_end_is_refused() {
        assert_eq!(parse(&"a".repeat(LONGEST + 1), Severity::Suspend), Err(Invalid::new("list", "too-long")));
        let many: String = (0..=MOST).map(|n| format!("h{n}.example\n")).collect();
        assert_eq!(parse(&many, Severity::Suspend), Err(Invalid::new("list", "too-many")));
        assert_eq!(parse(" \n# x\n", Severity::Suspend), Err(Invalid::new("list", "required")));
        let wrong: String = (0..200).map(|n| format!("x{n}\n")).collect();
        let read = parse(&wrong, Severity::Suspend).unwrap();
        assert_eq!((read.problems.len(), read.problem_count), (TOLD, 200));
        parse(&format!("#domain\n\"{}", "x,\n".repeat(9_999)), Severity::Suspend).unwrap();
    }

    #[test]
    fn what_is_exported_can_be_imported() {
        let block = |target: &str, severity: i64, reason: &str| Block {
            id: BlockId(1),
            target: target.into(),
            subdomains: true,
            severity,
            reject_media: true,
            reject_reports: false,
            obfuscate: true,
            reason: reason.into(),
            note: "secret".into(),
            actor: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        let blocks =
            [block("a.example", 2, "x, \"y\"\nz"), block("eve@b.example", 2, ""), block("c.example", 0, "p")];
        let text = print(&blocks);
        assert!(!text.contains("secret") && !text.contains("eve@"));
        let read = parse(&text, Severity::None).unwrap();
        let said: Vec<_> =
            read.entries.iter().map(|entry| (entry.host.as_str(), entry.reason.as_str())).collect();
        assert_eq!(said, [("a.example", "x, \"y\"\nz"), ("c.example", "p")]);
        assert_eq!(
            (read.entries[1].severity.as_str(), read.entries[1].reject_media, read.problem_count),
            ("noop", true, 0)
        );
    }
}
