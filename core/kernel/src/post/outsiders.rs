//! Mentions in limited posts and below them: who is outside of the audience is not mentioned but linked, before
//! anything is stored or sent, so that neither they nor their pod hear of it.
use super::{LONGEST_TEXT, store};
use crate::{
    Invalid, Pod, Result,
    db::Tx,
    id::PostId,
    person::{self, Person},
    text::scan::{self, Kind},
};
use std::collections::HashMap;

/// What is written around a mention can make another one once that is a link. Nobody writes so by chance.
const PASSES: usize = 8;

/// `text` with plain links in place of mentions of people whom the limited post does not reach.
pub(crate) async fn unmention(pod: &Pod, tx: &mut Tx, post: PostId, text: String) -> Result<String> {
    let names = scan::mentions(&text);
    if names.is_empty() {
        return Ok(text);
    }
    let inside = store::insiders(tx, post, &names).await?;
    let known = person::store::by_diaspora_ids(tx, &names).await?;
    let known: HashMap<String, Person> =
        known.into_iter().map(|person| (person.diaspora_id.clone(), person)).collect();
    let at_home: HashMap<String, String> = person::store::home_guids(tx, &names).await?.into_iter().collect();
    let linked = replace(
        text,
        |handle| inside.iter().any(|id| id == handle),
        |name, handle| {
            let person = known.get(handle);
            let label = name.or(person.map(|person| person.name.as_str())).unwrap_or(handle);
            link(label, &address(pod, handle, person, at_home.get(handle)))
        },
    );
    let text = linked.ok_or(Invalid::new("text", "invalid"))?;
    if text.chars().count() > LONGEST_TEXT {
        return Err(Invalid::new("text", "too-long").into());
    }
    Ok(text)
}

/// Each mention that is not kept becomes what `link` makes of its name and diaspora* ID. None when that does
/// not come to an end.
fn replace(
    mut text: String,
    keep: impl Fn(&str) -> bool,
    link: impl Fn(Option<&str>, &str) -> String,
) -> Option<String> {
    for _ in 0..PASSES {
        let (mut out, mut at) = (String::with_capacity(text.len() + 64), 0);
        for found in scan::scan(&text) {
            let Kind::Mention { name, handle } = &found.kind else { continue };
            if keep(handle) {
                continue;
            }
            out.push_str(text.get(at..found.start).unwrap_or_default());
            out.push_str(&link(*name, handle));
            at = found.end;
        }
        if at == 0 {
            return Some(text);
        }
        out.push_str(text.get(at..).unwrap_or_default());
        text = out;
    }
    None
}

/// A link as the network writes it. What could end it, or begin a mention or a tag, is left out of its words.
fn link(label: &str, address: &str) -> String {
    let plain: String = label
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !matches!(c, '[' | ']' | '{' | '}' | '\\' | '#' | '<' | '>' | '`'))
        .collect();
    format!("[{}]({address})", plain.trim())
}

/// Where the person's page is: asking their pod would tell it of them. Their pod knows them by the guid that they
/// have there.
fn address(pod: &Pod, handle: &str, person: Option<&Person>, at_home: Option<&String>) -> String {
    let (name, host) = handle.split_once('@').unwrap_or((handle, ""));
    match person {
        Some(person) if person.local => pod.site().url(&format!("/people/{}", person.guid)),
        Some(person) => format!("https://{host}/people/{}", at_home.unwrap_or(&person.guid)),
        None => format!("https://{host}/u/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> Option<String> {
        let keep = |handle: &str| handle == "in@x.example";
        replace(text.into(), keep, |name, handle| link(name.unwrap_or(handle), "/u"))
    }

    #[test]
    fn only_outsiders_become_links() {
        assert_eq!(
            rewritten("a @{In; in@x.example} b @{Out [o]; out@x.example} c @{out@x.example}").as_deref(),
            Some("a @{In; in@x.example} b [Out o](/u) c [out@x.example](/u)")
        );
        assert_eq!(rewritten("nobody").as_deref(), Some("nobody"));
    }

    #[test]
    fn neither_a_name_nor_what_stands_around_it_smuggles_a_mention() {
        let twice = "@{ a @{out@x.example} ; out@x.example}";
        for text in ["@{@{x; out@x.example} y; out@x.example}", twice] {
            assert_eq!(scan::mentions(text), ["out@x.example"], "{text}");
            assert_eq!(scan::mentions(&rewritten(text).unwrap()), Vec::<String>::new(), "{text}");
        }
        let deep = format!("{}@{{out@x.example}}{}", "@{ a ".repeat(20), " ; out@x.example}".repeat(20));
        assert_eq!(scan::mentions(&rewritten(&deep).unwrap_or_default()), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn no_outsider_is_mentioned_afterwards(parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "@{", "}", "; ", " ", "[", "](", "x", "in@x.example", "out@x.example", "@", "{", "#y", "\n",
                "@{In; in@x.example}", "@{O; out@x.example}",
            ]), 0..24)) {
            let after = rewritten(&parts.concat()).unwrap_or_default();
            proptest::prop_assert!(scan::mentions(&after).iter().all(|one| one == "in@x.example"), "{after}");
        }
    }
}
