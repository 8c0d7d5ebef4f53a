//! What plugins add to the composer: fields by their manifests, filled with what was typed, and what becomes of
//! them when the post is sent. Names are `x[<slug>][<contribution>][<field>]`.
use super::looking;
use crate::{
    App,
    fields::Fields,
    theme::contract::stream::{Extra, ExtraField},
    visit::Visit,
};
use fluent_bundle::{FluentArgs, FluentValue};
use pappus_kernel::{
    attachment::Draft,
    plugin::{
        self, Enabled,
        exchange::{FieldProblem, Pairs},
        manifest::{Contribution, ContributionField, FieldKind},
    },
};
use std::sync::Arc;

/// Empty fields beyond those that must be filled.
const SPARE: usize = 2;

/// What a plugin said was wrong with its fields, in the reader's words: name of the field, words.
pub type Problems = Vec<(String, String)>;

/// What the names of a plugin's fields begin with: the name of all of them.
fn group(slug: &str, contribution: &str) -> String {
    format!("x[{slug}][{contribution}]")
}

/// The fields of every plugin, with what was `sent`.
pub fn extras(app: &App, visit: &Visit, sent: Option<&Fields>, problems: &Problems) -> Vec<Extra> {
    let all = app.pod.plugins.contributions();
    let one = |(enabled, contribution): (Arc<Enabled>, Contribution)| {
        let dressed = app.wardrobe.of(&enabled.plugin);
        let say = |key: &str| dressed.words().say(visit.lang, key, &FluentArgs::new());
        let whole = group(enabled.slug(), &contribution.id);
        let field = |field: &ContributionField| {
            let name = format!("{whole}[{}]", field.name);
            let values = sent.map(|sent| sent.all(&name)).unwrap_or_default();
            shown(field, name, say(&field.label), values, problems)
        };
        let fields: Vec<ExtraField> = contribution.fields.iter().map(field).collect();
        let said = said(problems, &whole);
        let filled = fields.iter().any(|field| field.values.iter().any(|value| !value.is_empty()));
        Extra { open: filled || said.is_some(), label: say(&contribution.label), fields, problem: said }
    };
    all.into_iter().map(one).collect()
}

fn shown(
    field: &ContributionField,
    name: String,
    label: String,
    mut values: Vec<String>,
    problems: &Problems,
) -> ExtraField {
    let (least, most) = field.repeat.unwrap_or((1, 1));
    values.truncate(most);
    let spare = if field.repeat.is_some() { SPARE } else { 0 };
    // those that were there and as many again
    values.resize((least.max(values.len()) + spare).min(most), String::new());
    ExtraField {
        problem: said(problems, &name),
        id: name.replace(['[', ']'], "-"),
        several: field.repeat.is_some(),
        tick: field.kind == FieldKind::Boolean,
        max: field.max,
        label,
        name,
        values,
    }
}

fn said(problems: &Problems, name: &str) -> Option<String> {
    problems.iter().find(|(of, _)| of == name).map(|(_, words)| words.clone())
}

/// What hangs on the post by the plugins' fields, or what is wrong with them. Fields that nobody filled ask nobody.
pub async fn attached(
    app: &App,
    visit: &Visit,
    fields: &Fields,
) -> Result<Result<Vec<Draft>, Problems>, pappus_kernel::Error> {
    let (mut drafts, mut problems) = (Vec::new(), Vec::new());
    let author = visit.me().map(|me| me.diaspora_id.clone()).unwrap_or_default();
    let all = app.pod.plugins.contributions();
    if unclaimed(&all, fields) {
        return Ok(Err(vec![(String::new(), own_words(visit, "composer-extra-gone"))]));
    }
    for (enabled, contribution) in all {
        let Some(form) = typed(&enabled, &contribution, fields) else { continue };
        let asked = (&*enabled, contribution.id.as_str());
        match plugin::compose(&looking(app, visit), &author, asked, form).await? {
            Ok(Some(draft)) if drafts.iter().any(|other: &Draft| other.kind() == draft.kind()) => {
                problems.push((
                    group(enabled.slug(), &contribution.id),
                    own_words(visit, "composer-extra-twice"),
                ));
            }
            Ok(draft) => drafts.extend(draft),
            Err(wrong) => {
                let whole = group(enabled.slug(), &contribution.id);
                problems.extend(self::problems(app, visit, &enabled, &whole, wrong));
            }
        }
    }
    Ok(if problems.is_empty() { Ok(drafts) } else { Err(problems) })
}

/// Whether something was typed for a plugin that is not there any more: it must not be lost without a word.
fn unclaimed(all: &[(Arc<Enabled>, Contribution)], fields: &Fields) -> bool {
    let known: Vec<String> = all.iter().map(|(enabled, one)| group(enabled.slug(), &one.id)).collect();
    let of_nobody = |name: &str| name.starts_with("x[") && !known.iter().any(|begin| name.starts_with(begin));
    fields.pairs().iter().any(|(name, value)| of_nobody(name) && !value.trim().is_empty())
}

/// What was typed into these fields, cut where the manifest says; none when all of it is empty.
fn typed(enabled: &Enabled, contribution: &Contribution, fields: &Fields) -> Option<Pairs> {
    let mut form = Pairs::new();
    for field in &contribution.fields {
        let name = format!("{}[{}]", group(enabled.slug(), &contribution.id), field.name);
        let most = field.repeat.map_or(1, |(_, most)| most);
        let values = fields.all(&name).into_iter().filter(|value| !value.trim().is_empty()).take(most);
        form.extend(values.map(|value| (field.name.clone(), value.chars().take(field.max).collect())));
    }
    (!form.is_empty()).then_some(form)
}

fn own_words(visit: &Visit, key: &str) -> String {
    visit.lang.t(key, &FluentArgs::new()).into_owned()
}

/// A plugin's problems with the fields of `whole` in the reader's words; in the pod's where it has none.
pub fn problems(
    app: &App,
    visit: &Visit,
    enabled: &Enabled,
    whole: &str,
    wrong: Vec<FieldProblem>,
) -> Problems {
    if wrong.is_empty() {
        return vec![(whole.to_owned(), own_words(visit, "plugin-compose-failed"))];
    }
    let dressed = app.wardrobe.of(&enabled.plugin);
    let one = |problem: FieldProblem| {
        let mut args = FluentArgs::new();
        for (name, value) in problem.args {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            args.set(name, value.as_i64().map_or_else(|| FluentValue::from(text), FluentValue::from));
        }
        let name = match problem.field.as_str() {
            "" => whole.to_owned(),
            field => format!("{whole}[{field}]"),
        };
        (name, dressed.words().say(visit.lang, &problem.key, &args))
    };
    wrong.into_iter().map(one).collect()
}
