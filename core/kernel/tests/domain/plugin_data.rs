//! What plugins keep: for whom, how much, and how it ends.
use crate::plugins::Stand;
use pappus_kernel::{
    access::Owner,
    account,
    env::Clock as _,
    plugin::{
        Caller, Capability, Grants, Refusal, data,
        kv::{self, Put, Scope},
        member,
    },
    sql,
    testing::{TestPod, on_both},
};
use std::sync::Arc;

const MANIFEST: &str = "[plugin]\nid='test.keeper'\nslug='keeper'\nname='K'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n\
    [capabilities]\nkv = { why = 'keeps' }\n";

fn acting_manifest() -> String {
    MANIFEST.replace("api='0.1'", "api='0.1'\nacts-for-members=true")
}

/// A call of the plugin that keeps things, granted everything that it asks for.
fn caller(pod: &TestPod, manifest: &str, viewer: Option<Owner>) -> Caller {
    Stand::of(manifest).caller(pod, viewer)
}

fn put(key: &str, value: impl Into<Vec<u8>>) -> Put {
    Put { key: key.into(), value: value.into(), expires_at: None }
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

async fn text(caller: &Caller, scope: Scope, key: &str) -> Option<String> {
    let found = kv::get(caller, scope, &keys(&[key])).await.unwrap().remove(0);
    found.map(|entry| String::from_utf8(entry.value).unwrap())
}

#[tokio::test]
async fn what_was_kept_is_read_again_in_the_order_asked_for() {
    on_both(async |pod| {
        let caller = caller(&pod, MANIFEST, None);
        let odd = vec![0, 255, 10, 0];
        let items = vec![put("a", "old"), put("ü/😀", odd.clone()), put("empty", ""), put("a", "new")];
        kv::set(&caller, Scope::Site, items).await.unwrap();
        let asked = keys(&["ü/😀", "no", "a", "empty", "a"]);
        let found = kv::get(&caller, Scope::Site, &asked).await.unwrap();
        let values: Vec<_> = found.iter().map(|one| one.as_ref().map(|entry| entry.value.clone())).collect();
        let new = Some(b"new".to_vec());
        assert_eq!(values, [Some(odd), None, new.clone(), Some(vec![]), new]);
        assert_eq!(kv::delete(&caller, Scope::Site, &keys(&["a", "no", "empty"])).await, Ok(2));
        assert_eq!(text(&caller, Scope::Site, "a").await, None);
    })
    .await;
}

#[tokio::test]
async fn looking_at_a_page_changes_nothing() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let acts = caller(&pod, MANIFEST, Some(alice.owner));
        let looks = Caller { looks_only: true, ..acts.clone() };
        for scope in [Scope::Site, Scope::User(alice.user())] {
            kv::set(&acts, scope, vec![put("k", "there")]).await.unwrap();
            assert_eq!(kv::set(&looks, scope, vec![put("k", "else")]).await, Err(Refusal::Denied));
            assert_eq!(kv::delete(&looks, scope, &keys(&["k"])).await, Err(Refusal::Denied));
            assert_eq!(kv::add(&looks, scope, "n".into(), 1).await, Err(Refusal::Denied));
            assert_eq!(kv::compare_and_set(&looks, scope, put("k", "else"), 1).await, Err(Refusal::Denied));
            assert_eq!(text(&looks, scope, "k").await.as_deref(), Some("there"));
        }
    })
    .await;
}

#[tokio::test]
async fn the_pod_each_member_and_each_plugin_have_entries_of_their_own() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let hers = caller(&pod, MANIFEST, Some(alice.owner));
        kv::set(&hers, Scope::Site, vec![put("k", "pod")]).await.unwrap();
        kv::set(&hers, Scope::User(alice.user()), vec![put("k", "alice")]).await.unwrap();
        let his = caller(&pod, MANIFEST, Some(bob.owner));
        kv::set(&his, Scope::User(bob.user()), vec![put("k", "bob")]).await.unwrap();
        assert_eq!(text(&his, Scope::Site, "k").await.as_deref(), Some("pod"));
        assert_eq!(text(&his, Scope::User(bob.user()), "k").await.as_deref(), Some("bob"));
        assert_eq!(text(&hers, Scope::User(alice.user()), "k").await.as_deref(), Some("alice"));
        let other = caller(&pod, &MANIFEST.replace("keeper", "another"), Some(alice.owner));
        assert_eq!(text(&other, Scope::Site, "k").await, None);
        assert_eq!(text(&other, Scope::User(alice.user()), "k").await, None);
    })
    .await;
}

#[tokio::test]
async fn keys_are_found_page_by_page_and_only_those_that_begin_so() {
    on_both(async |pod| {
        let caller = caller(&pod, MANIFEST, None);
        let names = ["a", "b/", "b/%", "b/A", "b/_", "b/a", "b/ß", "b/😀", "c", "B/x"];
        let items = names.iter().map(|key| put(key, *key)).collect();
        kv::set(&caller, Scope::Site, items).await.unwrap();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = kv::scan(&caller, Scope::Site, "b/", (cursor.as_deref(), 3)).await.unwrap();
            assert!(page.0.len() <= 3);
            seen.extend(page.0.into_iter().map(|entry| entry.key));
            cursor = page.1;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["b/", "b/%", "b/A", "b/_", "b/a", "b/ß", "b/😀"]);
        let (all, next) = kv::scan(&caller, Scope::Site, "", (None, 100)).await.unwrap();
        assert_eq!((all.len(), next), (names.len(), None));
    })
    .await;
}

#[tokio::test]
async fn of_two_who_write_the_same_version_one_is_told_to_look_again() {
    on_both(async |pod| {
        let caller = caller(&pod, MANIFEST, None);
        let set = async |value: &str, version| {
            kv::compare_and_set(&caller, Scope::Site, put("k", value), version).await.unwrap()
        };
        let version = async || {
            kv::get(&caller, Scope::Site, &keys(&["k"])).await.unwrap().remove(0).map_or(0, |one| one.version)
        };
        assert!(!set("x", 7).await, "it is not there");
        assert!(set("one", 0).await);
        assert!(!set("two", 0).await, "it is there");
        let first = version().await;
        assert!(set("two", first).await);
        assert!(!set("three", first).await);
        // what was deleted and made anew is not what it was
        let second = version().await;
        kv::delete(&caller, Scope::Site, &keys(&["k"])).await.unwrap();
        assert!(set("two", 0).await);
        assert!(!set("three", second).await && !set("three", first).await);
        assert_eq!(text(&caller, Scope::Site, "k").await.as_deref(), Some("two"));
    })
    .await;
}

#[tokio::test]
async fn everybody_who_adds_at_once_counts() {
    const EACH: i64 = 5;
    on_both(async |pod| {
        let caller = caller(&pod, MANIFEST, None);
        let adding = (0..8).map(|_| {
            let caller = caller.clone();
            pod.tasks.spawn(async move {
                for _ in 0..EACH {
                    kv::add(&caller, Scope::Site, "n".into(), 3).await.unwrap();
                    let one = put(&format!("{:?}", std::thread::current().id()), "x");
                    kv::set(&caller, Scope::Site, vec![one]).await.unwrap();
                }
            })
        });
        for one in adding.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        assert_eq!(text(&caller, Scope::Site, "n").await, Some((8 * EACH * 3).to_string()));
        kv::set(&caller, Scope::Site, vec![put("word", "x"), put("most", i64::MAX.to_string())])
            .await
            .unwrap();
        for key in ["word", "most"] {
            let refused = kv::add(&caller, Scope::Site, key.into(), 1).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{key}: {refused:?}");
        }
        assert_eq!(kv::add(&caller, Scope::Site, "down".into(), -4).await, Ok(-4));
    })
    .await;
}

#[tokio::test]
async fn what_ended_is_never_seen_and_makes_room() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let caller = caller(&pod, MANIFEST, Some(alice.owner));
        let mine = Scope::User(alice.user());
        let end = pod.clock.now().0 / 1000 + 60_000;
        let until = |key: &str, value: Vec<u8>| Put { expires_at: Some(end), ..put(key, value) };
        let large = vec![b'x'; kv::LARGEST_VALUE];
        for n in 0..10 {
            kv::set(&caller, mine, vec![until(&format!("x{n}"), large.clone())]).await.unwrap();
        }
        kv::set(&caller, mine, vec![until("n", b"5".to_vec()), put("stays", "y")]).await.unwrap();
        assert_eq!(kv::add(&caller, mine, "n".into(), 1).await, Ok(6));
        let ten: Vec<Put> = (0..10).map(|n| put(&format!("y{n}"), large.clone())).collect();
        let refused = kv::set(&caller, mine, ten.clone()).await;
        assert!(matches!(refused, Err(Refusal::Quota(_))), "{refused:?}");

        pod.clock.advance(std::time::Duration::from_mins(1));
        assert_eq!(text(&caller, mine, "n").await, None);
        assert_eq!(kv::scan(&caller, mine, "x", (None, 9)).await.unwrap(), (vec![], None));
        assert_eq!(kv::delete(&caller, mine, &keys(&["x0"])).await, Ok(0));
        assert_eq!(kv::compare_and_set(&caller, mine, put("x1", "new"), 0).await, Ok(true));
        assert_eq!(kv::add(&caller, mine, "n".into(), 1).await, Ok(1), "it begins anew");
        kv::set(&caller, mine, ten).await.unwrap();
        data::sweep(&pod).await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM plugin_entries")).await, 13);
        kv::set(&caller, Scope::Site, vec![put("k", "x")]).await.unwrap();
        assert!(usage_is_right(&pod).await);
    })
    .await;
}

/// Whether the sums that the pod keeps are those of the entries.
async fn usage_is_right(pod: &TestPod) -> bool {
    let wrong = sql!(
        "SELECT COUNT(*) FROM plugin_usage u WHERE u.bytes <> (SELECT COALESCE(SUM(e.size), 0) FROM plugin_entries e
             WHERE e.plugin = u.plugin AND (u.user_id = 0 OR e.user_id = u.user_id))"
    );
    pod.count(wrong).await == 0
}

#[tokio::test]
async fn nobody_keeps_more_than_the_limits() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let caller = caller(&pod, MANIFEST, Some(alice.owner));
        let quota = |answer: Result<(), Refusal>| matches!(answer, Err(Refusal::Quota(_)));
        let invalid = |answer: Result<(), Refusal>| matches!(answer, Err(Refusal::Invalid(_)));
        let set = async |scope, items| kv::set(&caller, scope, items).await;
        assert!(quota(set(Scope::Site, vec![put("k", vec![0; kv::LARGEST_VALUE + 1])]).await));
        set(Scope::Site, vec![put("k", vec![0; kv::LARGEST_VALUE])]).await.unwrap();
        let long = "k".repeat(kv::LONGEST_KEY);
        set(Scope::Site, vec![put(&long, "")]).await.unwrap();
        for key in [format!("{long}k"), String::new(), "a\0b".into(), "a\nb".into(), "\u{10ffff}".into()] {
            assert!(invalid(set(Scope::Site, vec![put(&key, "")]).await), "{key:?}");
            assert!(kv::get(&caller, Scope::Site, std::slice::from_ref(&key)).await.is_err(), "{key:?}");
        }
        let many = |most: usize| (0..most).map(|n| put(&format!("m{n}"), "")).collect::<Vec<_>>();
        set(Scope::Site, many(kv::MOST_ITEMS)).await.unwrap();
        assert!(quota(set(Scope::Site, many(kv::MOST_ITEMS + 1)).await));

        // a member's share is full long before the plugin's
        let mine = Scope::User(alice.user());
        let mut written = 0;
        while set(mine, vec![put(&format!("u{written}"), vec![1; kv::LARGEST_VALUE])]).await.is_ok() {
            written += 1;
            assert!(written < 17);
        }
        assert_eq!(written, 15);
        set(Scope::Site, vec![put("more", vec![1; kv::LARGEST_VALUE])]).await.unwrap();
        // writing over what is there costs the difference, and a batch that does not fit leaves nothing
        set(mine, vec![put("u0", "small")]).await.unwrap();
        let both = vec![put("new", "x"), put("u1", "y"), put("z", vec![1; kv::LARGEST_VALUE])];
        set(mine, both).await.unwrap();
        let mut too_much = vec![put("fits", "x")];
        too_much.extend((0..3).map(|n| put(&format!("big{n}"), vec![1; kv::LARGEST_VALUE])));
        assert!(quota(set(mine, too_much).await));
        assert_eq!(text(&caller, mine, "fits").await, None);
        assert!(usage_is_right(&pod).await);
    })
    .await;
}

#[tokio::test]
async fn what_was_kept_of_a_member_goes_with_the_account_and_stands_in_the_archive() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        for who in [&alice, &bob] {
            let caller = caller(&pod, &acting_manifest(), Some(who.owner));
            member::let_act(&pod, who.owner, "keeper", true).await.unwrap();
            kv::set(&caller, Scope::User(who.user()), vec![put("k", "theirs"), put("b", vec![255])])
                .await
                .unwrap();
            kv::set(&caller, Scope::Site, vec![put("k", "pod")]).await.unwrap();
        }
        let sizes = data::size(&mut pod.db.read().await.unwrap(), "keeper").await.unwrap();
        let entries = sizes.iter().find(|kept| kept.kind == "entries").unwrap();
        assert!(entries.rows == 5 && entries.bytes > 5 * 64, "{sizes:?}");
        let hers = caller(&pod, &acting_manifest(), Some(alice.owner));
        account::close::close_as_operator(&pod, pod.admin(), "alice").await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM plugin_entries")).await, 3);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM plugin_members")).await, 1);
        assert!(usage_is_right(&pod).await);
        // a call that is still under way writes nothing more of theirs, with leave or without
        assert_eq!(
            kv::set(&hers, Scope::User(alice.user()), vec![put("k", "x")]).await,
            Err(Refusal::Denied)
        );
        let hers = caller(&pod, MANIFEST, Some(alice.owner));
        assert_eq!(
            kv::set(&hers, Scope::User(alice.user()), vec![put("k", "x")]).await,
            Err(Refusal::NotFound)
        );
        let mut tx = pod.db.begin().await.unwrap();
        data::purge(&mut tx, "keeper").await.unwrap();
        tx.commit().await.unwrap();
        for kept in data::size(&mut pod.db.read().await.unwrap(), "keeper").await.unwrap() {
            assert_eq!((kept.rows, kept.bytes), (0, 0), "{}", kept.kind);
        }
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM plugin_usage")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn without_the_grant_nothing_is_kept() {
    on_both(async |pod| {
        let mut caller = caller(&pod, MANIFEST, None);
        caller.grants = Arc::new(Grants::default());
        assert_eq!(caller.may(Capability::Kv), Err(Refusal::Denied));
        assert_eq!(kv::set(&caller, Scope::Site, vec![put("k", "x")]).await, Err(Refusal::Denied));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM plugin_entries")).await, 0);
    })
    .await;
}
