//! The capability `notifications`: what a plugin tells members for whom it acts.
use serde_json::{Map, Value};

use super::{Caller, Capability, Refusal, data, kv, manifest::checked_key};
use crate::{
    access::Owner,
    db::Tx,
    id::{PersonId, PostId, UserId},
    notification::{Told, notice},
    post,
};
use std::collections::{BTreeSet, HashMap};

/// Notices of one call.
pub const MOST: usize = 100;
const MOST_ACTORS: usize = 20;
const MOST_ARGS: usize = 20;
/// Letters of all that stands in a sentence.
const LARGEST_ARGS: usize = 4 * 1024;
const LONGEST_KEY: usize = 200;
const LONGEST_PATH: usize = 300;
/// Shorter names of posts are rows.
const SHORTEST_GUID: usize = 16;

/// Something to tell a member.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub recipient: UserId,
    /// One that the manifest declares.
    pub kind: String,
    /// A key of the plugin's sentences.
    pub message_key: String,
    /// What stands in the sentence: texts and numbers.
    pub args: Vec<(String, Value)>,
    /// diaspora* IDs of who did it, the last one first.
    pub actors: Vec<String>,
    /// The guid of a post that it is about.
    pub target_post: Option<String>,
    /// Where it leads.
    pub path: Option<String>,
    /// Whoever was told with this key is not told again.
    pub dedupe_key: String,
}

/// Tells all of them or, where one is not as it must be, none; says how many were told anything new. Who may not
/// read the post, or ignores everybody who did it, is told nothing.
pub async fn send(caller: &Caller, notices: Vec<Notice>) -> Result<u32, Refusal> {
    caller.may(Capability::Notifications)?;
    caller.may_change()?;
    if notices.len() > MOST {
        return Err(Refusal::Quota(format!("more than {MOST} notices at once")));
    }
    let mut checked = Vec::with_capacity(notices.len());
    let mut owners = HashMap::new();
    for notice in notices {
        let told = told(caller, &notice)?;
        if let std::collections::hash_map::Entry::Vacant(entry) = owners.entry(notice.recipient) {
            entry.insert(caller.acting_for(notice.recipient).await?);
        }
        checked.push((notice, told));
    }
    let pod = &caller.looking.pod;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let users: BTreeSet<UserId> = owners.keys().copied().collect();
    for user in &users {
        data::hold_member(&mut tx, *user).await?;
    }
    // nobody else tells for this plugin until the end: two that count at once would both find room
    kv::store::hold(&mut tx, caller.slug.as_str()).await?;
    let mut sent = 0;
    for (notice, told) in &checked {
        let Some(owner) = owners.get(&notice.recipient) else { continue };
        let Some((post, actors)) = about(&mut tx, *owner, notice).await? else { continue };
        let to = notice::To { user: notice.recipient, dedupe_key: &notice.dedupe_key, post, actors: &actors };
        sent += u32::from(notice::tell(&mut tx, told, &to, now).await?.is_some());
    }
    for user in &users {
        if notice::too_many(&mut tx, caller.slug.as_str(), *user, now).await? {
            return Err(Refusal::Quota(format!(
                "more than {} notices for a member in a day",
                notice::PER_DAY
            )));
        }
    }
    tx.commit().await?;
    Ok(sent)
}

/// The post and the people that it is about; none where the recipient may not hear of it.
async fn about(
    tx: &mut Tx,
    owner: Owner,
    notice: &Notice,
) -> Result<Option<(Option<PostId>, Vec<PersonId>)>, Refusal> {
    let post = match &notice.target_post {
        None => None,
        Some(guid) => match post::store::find_readable(tx, owner.into(), guid).await? {
            Some(post) => Some(post.id),
            None => return Ok(None),
        },
    };
    if notice.actors.is_empty() {
        return Ok(Some((post, Vec::new())));
    }
    let heard = notice::heard_of(tx, (owner.user(), owner.person()), &notice.actors).await?;
    let id_of = |handle: &String| heard.iter().find(|(known, _)| known == handle).map(|(_, id)| *id);
    let actors: Vec<PersonId> = notice.actors.iter().filter_map(id_of).collect();
    Ok((!actors.is_empty()).then_some((post, actors)))
}

fn told(caller: &Caller, notice: &Notice) -> Result<Told, Refusal> {
    let invalid = |wrong: &str| Refusal::Invalid(wrong.into());
    let declared = caller.enabled()?.plugin.manifest().notices.iter().any(|one| one.kind == notice.kind);
    if !declared {
        return Err(invalid("plugin.toml declares no notification of this kind"));
    }
    let key = checked_key(notice.message_key.clone()).ok_or_else(|| invalid("no key of a sentence"))?;
    let sound = |key: &str| !key.is_empty() && key.len() <= LONGEST_KEY && !key.contains('\0');
    if !sound(&notice.dedupe_key) {
        return Err(invalid("a dedupe key has 1 to 200 letters"));
    }
    if notice.actors.len() > MOST_ACTORS {
        return Err(Refusal::Quota(format!("more than {MOST_ACTORS} people")));
    }
    if notice.target_post.as_ref().is_some_and(|guid| guid.len() < SHORTEST_GUID) {
        return Err(invalid("no guid of a post"));
    }
    let slug = caller.slug.as_str();
    if notice.path.as_ref().is_some_and(|path| !leads_within(path, slug)) {
        return Err(invalid("it leads neither to a page of the plugin nor to a person or post"));
    }
    let (plugin, args) = (slug.to_owned(), args(&notice.args)?);
    Ok(Told { plugin, kind: notice.kind.clone(), message_key: key, args, path: notice.path.clone() })
}

/// As JSON: names that sentences have, texts and whole numbers.
fn args(given: &[(String, Value)]) -> Result<String, Refusal> {
    let mut args = Map::new();
    for (name, value) in given.iter().take(MOST_ARGS + 1) {
        let name = checked_key(name.clone()).filter(|_| value.is_string() || value.is_i64());
        let name = name.ok_or_else(|| Refusal::Invalid("sentences take texts and whole numbers".into()))?;
        args.insert(name, value.clone());
    }
    let text = Value::Object(args).to_string();
    if given.len() > MOST_ARGS || text.len() > LARGEST_ARGS || text.contains("\\u0000") {
        return Err(Refusal::Quota("more than a sentence holds".into()));
    }
    Ok(text)
}

/// A page of this plugin, a person or a post; nothing that a browser reads as another place.
fn leads_within(path: &str, slug: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/?=&%@:+,".contains(&b);
    let below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
    let inside = below(&format!("/p/{slug}/")) || below("/people/") || below("/posts/");
    // an encoded dot or slash would lead up just as well
    let encoded = path.to_ascii_lowercase();
    let climbs = path.split(['/', '?']).any(|part| part == "..") || path.contains("//");
    let hides = ["%2e", "%2f", "%5c"].iter().any(|code| encoded.contains(code));
    inside && path.len() <= LONGEST_PATH && path.bytes().all(letters) && !climbs && !hides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_leads_to_the_plugin_a_person_or_a_post() {
        for good in ["/p/x/calendar?month=2", "/people/0123456789abcdef", "/posts/0123456789abcdef"] {
            assert!(leads_within(good, "x"), "{good}");
        }
        let elsewhere = [
            "",
            "/",
            "/p/x/",
            "/p/y/calendar",
            "/people/",
            "/admin/plugins",
            "//other.example/people/",
            "https://other.example/people/a",
            "/people/../admin",
            "/people/%2e%2e/admin",
            "/people//other.example",
            "/people/a\\b",
            "/people/a b",
            "javascript:alert(1)",
        ];
        for wrong in elsewhere {
            assert!(!leads_within(wrong, "x"), "{wrong}");
        }
    }

    #[test]
    fn sentences_hold_texts_and_numbers() {
        let given = |value: Value| args(&[("age".into(), value)]);
        assert_eq!(given(30.into()), Ok("{\"age\":30}".into()));
        for wrong in [Value::Null, true.into(), serde_json::json!([1]), serde_json::json!(1.5)] {
            assert!(matches!(given(wrong), Err(Refusal::Invalid(_))));
        }
        assert!(matches!(given("x".repeat(5000).into()), Err(Refusal::Quota(_))));
    }
}
