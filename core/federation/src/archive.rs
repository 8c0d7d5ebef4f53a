//! Entities as JSON: how an account's archive holds them. They never travel in this form.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::entity::field::{Fields, Value};
use crate::entity::{Entity, Invalid};
use crate::signature::{Relayable, Shape};
use crate::time::Timestamp;
use crate::xml::{self, XmlError};

const TYPE: &str = "entity_type";
const DATA: &str = "entity_data";
const ORDER: &str = "property_order";
/// A post holds a poll, which holds answers: nothing lies deeper.
const DEEPEST: usize = 4;

/// The entity as an archive holds it.
pub fn to_json(entity: &Entity) -> Json {
    match entity.as_relayable() {
        Some(relayable) => relayable_json(entity.name(), relayable),
        None => record_json(entity.name(), &entity.fields()),
    }
}

/// Everything it came with, in its order: what the author signed.
fn relayable_json(name: &str, relayable: &dyn Relayable) -> Json {
    let is_flag =
        |name: &str| relayable.known().iter().any(|(known, shape)| *known == name && *shape == Shape::Bool);
    let properties = relayable.signed().properties();
    let data = properties.iter().map(|(name, value)| {
        let flag = xml::boolean(value).filter(|_| is_flag(name));
        (name.to_owned(), flag.map_or_else(|| value.into(), Json::Bool))
    });
    let order: Vec<_> = properties.signed().map(|(name, _)| name).collect();
    json!({ TYPE: name, DATA: data.collect::<Map<_, _>>(), ORDER: order })
}

fn record_json(name: &str, fields: &Fields<'_>) -> Json {
    let data = fields.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value_json(name, value)?)));
    json!({ TYPE: name, DATA: data.collect::<Map<_, _>>() })
}

fn value_json(name: &str, value: &Value<'_>) -> Option<Json> {
    Some(match value {
        Value::Absent => return None,
        Value::Empty => "".into(),
        Value::Text(text) => (*text).into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Time(time) => time.to_string().into(),
        Value::Record(fields) => record_json(name, fields),
        Value::List(item, records) => records.iter().map(|fields| record_json(item, fields)).collect(),
    })
}

/// Reads an entity of an archive under the rules of the wire; `now` stands in for a missing `created_at`.
/// Nobody signed it as a whole: whose it may be is the reader's to decide.
pub fn from_json(json: &Json, now: Timestamp) -> Result<Entity, Invalid> {
    let mut out = String::new();
    write(&mut out, json, DEEPEST)?;
    Entity::parse(&out, now)
}

fn write(out: &mut String, json: &Json, depth: usize) -> Result<(), Invalid> {
    let depth = depth.checked_sub(1).ok_or(XmlError::TooLarge)?;
    let name = json.get(TYPE).and_then(Json::as_str).filter(|name| xml::is_name(name));
    let name = name.ok_or(Invalid::Unknown)?;
    let data = json.get(DATA).and_then(Json::as_object).ok_or(XmlError::Malformed)?;
    out.extend(["<", name, ">\n"]);
    let order = json.get(ORDER).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut written = HashSet::new();
    for name in order.iter().filter_map(Json::as_str) {
        // named again and again, a long value would become a text without end
        if !written.insert(name) {
            return Err(XmlError::Malformed.into());
        }
        // what was signed empty is a part of what was signed
        write_property(out, name, data.get(name).unwrap_or(&Json::from("")), depth)?;
    }
    for (name, value) in data.iter().filter(|(name, _)| !written.contains(name.as_str())) {
        write_property(out, name, value, depth)?;
    }
    out.extend(["</", name, ">\n"]);
    Ok(())
}

fn write_property(out: &mut String, name: &str, value: &Json, depth: usize) -> Result<(), Invalid> {
    if !xml::is_name(name) {
        return Err(XmlError::Malformed.into());
    }
    match value {
        Json::Null => {}
        Json::Bool(flag) => xml::write_leaf(out, 0, name, if *flag { "true" } else { "false" }),
        Json::Number(number) => xml::write_leaf(out, 0, name, &number.to_string()),
        Json::String(text) => xml::write_leaf(out, 0, name, text),
        Json::Object(_) => write(out, value, depth)?,
        Json::Array(all) => all.iter().try_for_each(|one| write(out, one, depth))?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{Comment, Like, Poll, PollAnswer, Profile, StatusMessage};
    use crate::key::PrivateKey;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-25T09:00:00Z").unwrap()
    }

    fn guid(digit: char) -> crate::id::Guid {
        digit.to_string().repeat(32).parse().unwrap()
    }

    #[test]
    fn every_entity_of_an_archive_comes_back_as_it_was() {
        let alice: crate::id::DiasporaId = "alice@pod.example".parse().unwrap();
        let mut post = StatusMessage::new(alice.clone(), guid('a'), now(), false, "<b> & \"é\"\n#tag".into());
        let answer = |digit| PollAnswer { guid: guid(digit), answer: "yes".into() };
        post.poll =
            Some(Poll { guid: guid('b'), question: "why?".into(), answers: vec![answer('c'), answer('d')] });
        let mut profile = Profile::new(alice.clone(), true);
        profile.first_name = Some("Alice".into());
        let key = PrivateKey::generate_small().unwrap();
        let comment = Comment::new(alice.clone(), guid('e'), guid('f'), "hello; you", now()).unwrap();
        let mut comment = comment.with_history(Some(now()), Some(&guid('2')));
        comment.sign(&key).unwrap();
        let mut like = Like::new(alice.clone(), guid('1'), true, guid('f'));
        like.sign(&key).unwrap();
        let mut vote =
            Entity::answer("poll_participation", alice, guid('3'), guid('b'), guid('c').as_str()).unwrap();
        vote.sign_answer(&key).unwrap();
        let all: [Entity; 5] = [post.into(), profile.into(), comment.into(), like.into(), vote];
        for entity in all {
            let json = to_json(&entity);
            let back = from_json(&json, now()).unwrap();
            assert_eq!(to_json(&back), json);
            match (back.as_relayable(), entity.as_relayable()) {
                (Some(back), Some(_)) => assert!(back.author_signature_verifies(key.public()), "{json}"),
                _ => assert_eq!(back, entity),
            }
        }
    }

    #[test]
    fn a_comment_keeps_its_history_in_the_order_that_was_signed() {
        let alice: crate::id::DiasporaId = "alice@pod.example".parse().unwrap();
        let comment = Comment::new(alice, guid('e'), guid('f'), "hello", now()).unwrap();
        let mut comment = comment.with_history(Some(now()), Some(&guid('2')));
        comment.sign(&PrivateKey::generate_small().unwrap()).unwrap();
        let json = to_json(&comment.into());
        let order =
            ["author", "guid", "parent_guid", "text", "created_at", "edited_at", "thread_parent_guid"];
        assert_eq!(json[ORDER], json!(order));
        let Entity::Comment(back) = from_json(&json, now()).unwrap() else { panic!("{json}") };
        assert_eq!((back.edited_at, back.thread_parent()), (Some(now()), Some(guid('2'))));
    }

    #[test]
    fn what_an_archive_may_not_say_is_refused() {
        let nested = |inner: Json| json!({ TYPE: "poll", DATA: { "poll": inner } });
        let mut deep = json!({ TYPE: "poll", DATA: {} });
        for _ in 0..DEEPEST {
            deep = nested(deep);
        }
        for broken in [
            json!(null),
            json!([]),
            json!({ TYPE: "like" }),
            json!({ TYPE: "no><such", DATA: {} }),
            json!({ TYPE: "like", DATA: { "author><guid": "x" } }),
            json!({ TYPE: "status_message", DATA: { "author": "Nobody" } }),
            json!({ TYPE: "like", DATA: { "x": "y" }, ORDER: ["x", "x"] }),
            deep,
        ] {
            assert!(from_json(&broken, now()).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_small_archive_does_not_become_a_text_without_end() {
        // 100 000 times the same 400 000 characters: nobody has so much memory
        let order = vec!["text"; 100_000];
        let bomb = json!({ TYPE: "comment", DATA: { "text": "x".repeat(400_000) }, ORDER: order });
        assert_eq!(from_json(&bomb, now()), Err(XmlError::Malformed.into()));
        let order: Vec<String> = (0..50_000).map(|at| format!("p{at}")).collect();
        let wide = json!({ TYPE: "comment", DATA: {}, ORDER: order });
        assert!(from_json(&wide, now()).is_err());
    }
}
