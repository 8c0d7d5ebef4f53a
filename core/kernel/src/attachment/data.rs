//! An attachment's element as JSON and back: texts are strings, elements with children are objects in a list
//! under their name, and a text that comes more than once is a list of strings. So a poll is
//! `{"guid": "…", "question": "…", "poll_answer": [{"guid": "…", "answer": "…"}, …]}`.
use pappus_federation::xml::Element;
use serde_json::{Map, Value};

/// Deeper than any element of the protocol.
const DEPTH: usize = 6;
const MOST_ELEMENTS: usize = 200;

/// What the element holds; null where it cannot be read.
pub(super) fn of_xml(xml: &str) -> Value {
    Element::parse(xml).map_or(Value::Null, |element| object(&element))
}

fn object(element: &Element) -> Value {
    let mut fields = Map::new();
    for child in &element.children {
        let is_text = child.children.is_empty();
        let value = if is_text { Value::String(child.text.clone()) } else { object(child) };
        match fields.get_mut(&child.name) {
            None if is_text => drop(fields.insert(child.name.clone(), value)),
            None => drop(fields.insert(child.name.clone(), Value::Array(vec![value]))),
            Some(Value::Array(all)) => all.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(fields)
}

/// The element of this name; none where `data` is nothing that an element can hold.
pub(super) fn to_xml(name: &str, data: &Value) -> Option<String> {
    let mut left = MOST_ELEMENTS;
    Some(branch(name, data.as_object()?, DEPTH, &mut left)?.to_xml())
}

fn branch(name: &str, fields: &Map<String, Value>, depth: usize, left: &mut usize) -> Option<Element> {
    let depth = depth.checked_sub(1)?;
    let mut children = Vec::new();
    for (name, value) in fields {
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if name.is_empty() || !is_name {
            return None;
        }
        let one = std::slice::from_ref(value);
        for value in value.as_array().map_or(one, Vec::as_slice) {
            *left = left.checked_sub(1)?;
            children.push(match value {
                Value::String(text) => Element::leaf(name, text),
                Value::Number(number) => Element::leaf(name, &number.to_string()),
                Value::Bool(flag) => Element::leaf(name, if *flag { "true" } else { "false" }),
                Value::Object(fields) => branch(name, fields, depth, left)?,
                Value::Null | Value::Array(_) => return None,
            });
        }
    }
    Some(Element::branch(name, children))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_poll_is_the_same_there_and_back() {
        let poll = json!({
            "guid": "1234567890abcdef", "question": "a < b?",
            "poll_answer": [{ "guid": "1", "answer": "yes" }, { "guid": "2", "answer": "no" }],
        });
        let xml = to_xml("poll", &poll).unwrap();
        assert!(xml.contains("a &lt; b?") && xml.matches("<poll_answer>").count() == 2, "{xml}");
        assert_eq!(of_xml(&xml), poll);
        assert_eq!(
            of_xml("<poll><poll_answer><guid>1</guid></poll_answer></poll>")["poll_answer"][0]["guid"],
            "1"
        );
        assert_eq!(of_xml("<a><b>1</b><b>2</b></a>"), json!({ "b": ["1", "2"] }));
    }

    #[test]
    fn what_is_no_element_makes_none() {
        let deep = (0..10).fold(json!({}), |inner, _| json!({ "a": inner }));
        let many = json!({ "a": vec!["x"; 1000] });
        for data in [
            json!([]),
            json!("x"),
            json!({ "<a": "x" }),
            json!({ "A": "x" }),
            json!({ "a": null }),
            deep,
            many,
        ] {
            assert_eq!(to_xml("poll", &data), None, "{data}");
        }
    }
}
