//! Vectors of discovery documents and of single rules.

use serde_json::{Value, json};

use crate::discovery::nodeinfo::{SocialRelay, Software};
use crate::discovery::{DiscoveryError, HCard, WebFinger, host_meta};
use crate::entity::{Conversation, is_birthday, tag_count};
use crate::id::{DiasporaId, DiasporaUri, Guid};
use crate::key::{PublicKey, is_public_pem};
use crate::xml;

use super::{Choice, Report, check_verdict, text};

pub(super) fn run(vector: &Value, kind: &str, report: &mut Report) {
    let document = text(vector, "/document").unwrap_or_default();
    match kind {
        "webfinger_jrd" => webfinger(vector, WebFinger::from_jrd(document.as_bytes()), report),
        "webfinger_xrd" => webfinger(vector, WebFinger::from_xrd(document), report),
        "hcard" => hcard(vector, HCard::from_html(document), report),
        "host_meta_xrd" => {
            let template = host_meta::lrdd_template(document);
            check_verdict(vector, report, refused(&template).as_deref());
            let found = template.is_ok_and(|template| template.is_some_and(|t| document.contains(&t)));
            report.check("fields", if found { Ok(()) } else { Err("no template".to_owned()) });
        }
        "nodeinfo2" => {
            let software = Software::read(document.as_bytes());
            check_verdict(vector, report, refused(&software).as_deref());
            let theirs = serde_json::from_str::<Value>(document).unwrap_or_default();
            let ours = software.map(|software| json!([software.name, software.version])).unwrap_or_default();
            let theirs = json!([theirs.pointer("/server/software"), theirs.pointer("/server/version")]);
            report.equal("fields", &ours, &theirs);
        }
        "social_relay" => {
            let relay = SocialRelay::read(document.as_bytes());
            check_verdict(vector, report, refused(&relay).as_deref());
            let ours =
                relay.map(|relay| json!([relay.subscribe, relay.scope, relay.tags])).unwrap_or_default();
            let theirs = serde_json::from_str::<Value>(document).unwrap_or_default();
            let theirs = json!([theirs.get("subscribe"), theirs.get("scope"), theirs.get("tags")]);
            report.equal("fields", &ours, &theirs);
        }
        "validation_rule" => rule(vector, report),
        "diaspora_url_scan" => scan(vector, report),
        _ => {}
    }
}

fn refused<T>(result: &Result<T, DiscoveryError>) -> Option<String> {
    result.as_ref().err().map(ToString::to_string)
}

fn webfinger(vector: &Value, read: Result<WebFinger, DiscoveryError>, report: &mut Report) {
    check_verdict(vector, report, refused(&read).as_deref());
    let Ok(found) = read else { return };
    let person = text(vector, "/person/diaspora_id").and_then(|id| id.parse().ok());
    if let Some(id) = person {
        report.equal("subject", &found.is_about(&id), &true);
    }
    if let Some(expected) = vector.get("expected_fields").and_then(Value::as_object) {
        let ours = json!({
            "acct_uri": found.subject, "subject": found.subject, "hcard_url": found.hcard_url,
            "seed_url": found.seed_url, "profile_url": found.profile_url, "atom_url": found.atom_url,
            "salmon_url": found.salmon_url, "subscribe_url": found.subscribe_url,
        });
        compare(expected, &ours, report);
    }
    report.equal("printing", &WebFinger::from_jrd(found.to_jrd().as_bytes()).as_ref(), &Ok(&found));
}

fn hcard(vector: &Value, read: Result<HCard, DiscoveryError>, report: &mut Report) {
    check_verdict(vector, report, refused(&read).as_deref());
    let Ok(found) = read else { return };
    if let Some(expected) = vector.get("expected_fields").and_then(Value::as_object) {
        let mut ours = json!({
            "guid": found.guid, "nickname": found.nickname, "full_name": found.full_name,
            "first_name": found.first_name, "last_name": found.last_name, "searchable": found.searchable,
            "photo_large_url": found.photo_large_url, "photo_medium_url": found.photo_medium_url,
            "photo_small_url": found.photo_small_url,
        });
        // A key is the same key in any spelling.
        let theirs = expected.get("public_key").and_then(Value::as_str);
        if let (Some(pem), Some(map)) = (theirs, ours.as_object_mut())
            && PublicKey::from_pem(pem).is_ok_and(|key| key == found.public_key)
        {
            map.insert("public_key".to_owned(), json!(pem));
        }
        compare(expected, &ours, report);
    }
    let again = HCard::from_html(&found.to_html("https://pod.example/"));
    report.equal("printing", &again.as_ref(), &Ok(&found));
}

fn compare(expected: &serde_json::Map<String, Value>, ours: &Value, report: &mut Report) {
    let same = |(key, value): (&String, &Value)| {
        if ours.get(key) == Some(value) { None } else { Some(format!("{key}: ours {:?}", ours.get(key))) }
    };
    let wrong = expected.iter().filter_map(same).collect::<Vec<_>>();
    report.check("fields", if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) });
}

/// Inputs that are no texts are how a typed language looks at it, and have no meaning here.
fn rule(vector: &Value, report: &mut Report) {
    let rule = text(vector, "/rule").unwrap_or_default().to_owned();
    for case in vector.get("cases").and_then(Value::as_array).into_iter().flatten() {
        let Some(input) = text(case, "/input") else { continue };
        let Some(ours) = follows(&rule, input) else { continue };
        let theirs = case.get("valid").and_then(Value::as_bool);
        let optional = text(case, "/strictness") == Some("optional");
        if optional {
            let refused = (!ours).then(|| format!("it breaks the rule {rule}"));
            report.choices.push(Choice { case: input.to_owned(), refused });
        }
        let fine = Some(ours) == theirs || optional;
        report.check("case", if fine { Ok(()) } else { Err(format!("{input:.60?}: ours {ours}")) });
    }
}

fn follows(rule: &str, input: &str) -> Option<bool> {
    let number = |prefix: &str| rule.strip_prefix(prefix).and_then(|number| number.parse::<usize>().ok());
    match rule {
        "diaspora_id" => Some(input.parse::<DiasporaId>().is_ok()),
        "guid" => Some(input.parse::<Guid>().is_ok()),
        "boolean" => Some(xml::boolean(input).is_some()),
        "birthday" => Some(is_birthday(input)),
        "public_key" => Some(is_public_pem(input)),
        _ => number("tag_count_max_").map(|max| tag_count(input) <= max).or_else(|| {
            let ids = || Conversation::participants(input);
            number("diaspora_id_list_min_").map(|min| ids().is_some_and(|ids| ids.len() >= min))
        }),
    }
}

fn scan(vector: &Value, report: &mut Report) {
    for case in vector.get("cases").and_then(Value::as_array).into_iter().flatten() {
        let found = DiasporaUri::scan(text(case, "/input").unwrap_or_default());
        let ours = found.iter().map(|uri| json!([uri.author, uri.entity, uri.guid])).collect::<Vec<_>>();
        report.equal("case", &Some(&Value::from(ours)), &case.get("matches"));
    }
}
