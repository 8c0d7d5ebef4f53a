//! What a plugin takes part in, as data: attachments of posts, places of pages, fields of the composer. The
//! pod reads it from here and asks the plugin only where there is something for it to do.
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Manifest, ManifestError, file::checked_line};
use crate::plugin::{Hook, slots};

/// Attachments that a plugin may declare at most; the same for places and for contributions.
const MOST: usize = 16;
/// Fields of one contribution to the composer, and how often one may be repeated.
const MOST_FIELDS: usize = 20;
const MOST_REPEATS: usize = 50;
/// Letters of one field.
const LONGEST_FIELD: usize = 4000;

/// A kind of thing that hangs on posts, and is this plugin's to show and to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentKind {
    /// The element that it is in the protocol, such as `poll`.
    pub kind: String,
    /// How what people answer to it is counted; none when nobody answers.
    pub answers: Option<Tally>,
}

/// Answers of people, counted for each value of one field: votes for each answer of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The element that an answer is, such as `poll_participation`.
    pub entity: String,
    /// The field of it whose values are counted.
    pub count_by: String,
}

/// A place of a page that a plugin fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotUse {
    pub name: String,
    /// It is asked only for posts with an attachment of this kind.
    pub attachment: Option<String>,
}

/// A group of fields that a plugin adds to the composer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    pub id: String,
    /// A key of the plugin's own sentences.
    pub label: String,
    pub fields: Vec<ContributionField>,
}

/// One field, or as many of a kind as `repeat` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContributionField {
    pub name: String,
    pub kind: FieldKind,
    /// A key of the plugin's own sentences.
    pub label: String,
    /// Letters at most.
    pub max: usize,
    /// At least and at most so many of it; none for one.
    pub repeat: Option<(usize, usize)>,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    Text,
    Boolean,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AttachmentTable {
    kind: String,
    answers: Option<TallyTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TallyTable {
    entity: String,
    count_by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SlotTable {
    name: String,
    #[serde(default)]
    when: WhenTable,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WhenTable {
    attachment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ContributionTable {
    id: String,
    label: String,
    fields: Vec<FieldTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FieldTable {
    name: String,
    #[serde(rename = "type")]
    kind: FieldKind,
    label: String,
    #[serde(default = "a_line")]
    max: usize,
    repeat: Option<(usize, usize)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LinkTable {
    origin: String,
    why: String,
}

const fn a_line() -> usize {
    255
}

pub(super) fn checked_attachments(
    tables: Vec<AttachmentTable>,
) -> Result<Vec<AttachmentKind>, ManifestError> {
    few("attachment", tables.len())?;
    let check = |table: AttachmentTable| {
        let tally = |tally: TallyTable| {
            Ok::<_, ManifestError>(Tally {
                entity: element_name("attachment.answers.entity", tally.entity)?,
                count_by: element_name("attachment.answers.count-by", tally.count_by)?,
            })
        };
        Ok(AttachmentKind {
            kind: element_name("attachment.kind", table.kind)?,
            answers: table.answers.map(tally).transpose()?,
        })
    };
    tables.into_iter().map(check).collect()
}

pub(super) fn checked_slots(tables: Vec<SlotTable>) -> Result<Vec<SlotUse>, ManifestError> {
    few("slot", tables.len())?;
    let check = |table: SlotTable| {
        let slot = slots::find(&table.name)
            .ok_or_else(|| ManifestError::new("slot.name", "there is no such place on a page"))?;
        if table.when.attachment.is_some() && slot.subject != slots::Subject::Post {
            return Err(ManifestError::new("slot.when", "only places below a post know its attachments"));
        }
        Ok(SlotUse { name: table.name, attachment: table.when.attachment })
    };
    tables.into_iter().map(check).collect()
}

pub(super) fn checked_contributions(
    tables: Vec<ContributionTable>,
) -> Result<Vec<Contribution>, ManifestError> {
    few("composer", tables.len())?;
    let mut ids = BTreeSet::new();
    let mut check = |table: ContributionTable| {
        let id = key("composer.id", table.id)?;
        if !ids.insert(id.clone()) {
            return Err(ManifestError::new("composer.id", "stands there twice"));
        }
        if table.fields.is_empty() || table.fields.len() > MOST_FIELDS {
            return Err(ManifestError::new("composer.fields", format!("must be 1 to {MOST_FIELDS}")));
        }
        let fields = table.fields.into_iter().map(checked_field).collect::<Result<_, _>>()?;
        Ok(Contribution { id, label: checked_line("composer.label", table.label, 60)?, fields })
    };
    tables.into_iter().map(&mut check).collect()
}

pub(super) fn checked_links(tables: Vec<LinkTable>) -> Result<BTreeMap<String, String>, ManifestError> {
    few("link", tables.len())?;
    let check = |table: LinkTable| {
        let url = url::Url::parse(&table.origin).ok();
        let is_origin = |url: &url::Url| {
            url.scheme() == "https"
                && url.origin().ascii_serialization() == table.origin
                && url.domain().is_some()
        };
        if !url.as_ref().is_some_and(is_origin) {
            let wrong = "must be an origin such as `https://maps.example.org`";
            return Err(ManifestError::new("link.origin", wrong));
        }
        Ok((table.origin, checked_line("link.why", table.why, 300)?))
    };
    tables.into_iter().map(check).collect()
}

fn checked_field(table: FieldTable) -> Result<ContributionField, ManifestError> {
    if table.max == 0 || table.max > LONGEST_FIELD {
        return Err(ManifestError::new("composer.fields.max", format!("must be 1 to {LONGEST_FIELD}")));
    }
    if table.repeat.is_some_and(|(least, most)| least > most || most == 0 || most > MOST_REPEATS) {
        let wrong = format!("must be two numbers up to {MOST_REPEATS}, the smaller one first");
        return Err(ManifestError::new("composer.fields.repeat", wrong));
    }
    Ok(ContributionField {
        name: key("composer.fields.name", table.name)?,
        kind: table.kind,
        label: checked_line("composer.fields.label", table.label, 60)?,
        max: table.max,
        repeat: table.repeat,
    })
}

/// What only shows when the whole manifest is read: each part has the hook that it needs.
pub(super) fn check_whole(manifest: &Manifest) -> Result<(), ManifestError> {
    let needs = [
        ("slot", !manifest.slots.is_empty(), Hook::UiSlots),
        ("composer", !manifest.contributions.is_empty(), Hook::Composer),
        ("schedule", !manifest.schedules.is_empty(), Hook::JobRunner),
    ];
    for (at, is_there, hook) in needs {
        if is_there && !manifest.hooks.contains_key(&hook) {
            return Err(ManifestError::new(at, format!("needs the hook `{hook}`")));
        }
    }
    if !manifest.acts_for_members && manifest.schedules.iter().any(|schedule| schedule.per_member) {
        let wrong = "only a plugin that acts for members has schedules for each";
        return Err(ManifestError::new("schedule.per-member", wrong));
    }
    let declared = |kind: &str| manifest.attachments.iter().any(|attachment| attachment.kind == kind);
    let undeclared =
        manifest.slots.iter().filter_map(|slot| slot.attachment.as_deref()).find(|kind| !declared(kind));
    match undeclared {
        Some(kind) => {
            Err(ManifestError::new("slot.when", format!("`{kind}` is no attachment of this plugin")))
        }
        None => Ok(()),
    }
}

pub(super) fn few(at: &str, many: usize) -> Result<(), ManifestError> {
    if many <= MOST { Ok(()) } else { Err(ManifestError::new(at, format!("more than {MOST}"))) }
}

/// A name as elements of the protocol have it.
fn element_name(at: &str, name: String) -> Result<String, ManifestError> {
    let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if letters && !name.is_empty() && name.len() <= 40 {
        return Ok(name);
    }
    Err(ManifestError::new(at, "must be 1 to 40 of a-z and `_`"))
}

/// The name of a kind of thing that a plugin gives while it runs.
pub(crate) fn checked_key(name: String) -> Option<String> {
    key("", name).ok()
}

/// A name that stands in forms.
pub(super) fn key(at: &str, name: String) -> Result<String, ManifestError> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if letters && !name.is_empty() && name.len() <= 30 {
        return Ok(name);
    }
    Err(ManifestError::new(at, "must be 1 to 30 of a-z, 0-9 and `-`"))
}
