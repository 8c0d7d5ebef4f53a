//! What people choose for plugins, and whom a plugin may act for: every function of `kv` and `settings` against
//! everything that stands in its way.
use crate::plugins::Stand;
use pappus_kernel::{
    access::Owner,
    account,
    id::UserId,
    plugin::{
        Caller, Refusal,
        kv::{self, Put, Scope},
        member,
        settings::{
            self,
            form::{self, Chooser, Sent, Wrong},
        },
    },
    sql,
    testing::{TestPod, on_both},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const MANIFEST: &str = "[plugin]\nid='test.keeper'\nslug='keeper'\nname='K'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n\
    [capabilities]\nkv = { why = 'keeps' }\nsettings = { why = 'reads' }\n\
    [[setting]]\nkey='most'\nscope='site'\ntype='integer'\nmin=2\nmax=50\ndefault=20\nlabel='l'\n\
    [[setting]]\nkey='site-server'\nscope='site'\ntype='origin'\nlabel='l'\n\
    [[setting]]\nkey='site-token'\nscope='site'\ntype='secret'\nfor='site-server'\nlabel='l'\n\
    [[setting]]\nkey='word'\nscope='user'\ntype='text'\nmax=5\nlabel='l'\n\
    [[setting]]\nkey='loud'\nscope='user'\ntype='boolean'\ndefault=true\nlabel='l'\n\
    [[setting]]\nkey='server'\nscope='user'\ntype='origin'\nlabel='l'\n\
    [[setting]]\nkey='token'\nscope='user'\ntype='secret'\nfor='server'\nlabel='l'\n\
    [[setting]]\nkey='own-token'\nscope='user'\ntype='secret'\nlabel='l'\n";

const HERE: &str = "https://here.example";
const THERE: &str = "https://there.example";

fn acting() -> Arc<Stand> {
    Stand::of(&MANIFEST.replace("api='0.1'", "api='0.1'\nacts-for-members=true"))
}

fn sent(values: &[(&str, &str)]) -> Sent {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Sent { values: values.collect(), ..Sent::default() }
}

async fn choose(pod: &TestPod, who: Owner, values: &[(&str, &str)]) -> Result<(), Vec<Wrong>> {
    form::change(pod, "keeper", Chooser::Member(who), sent(values)).await.unwrap()
}

async fn secret(pod: &TestPod, user: UserId, key: &str, origin: &str) -> Option<String> {
    let open = settings::open_secret(pod, ("keeper", user), key, origin).await.unwrap();
    open.map(|secret| String::from_utf8(secret.to_vec()).unwrap())
}

/// What each function answers when it is asked for this member; `Ok` for whatever it gives.
async fn all_of(caller: &Caller, user: UserId) -> BTreeMap<&'static str, Result<(), Refusal>> {
    let scope = Scope::User(user);
    let put = || Put { key: "k".into(), value: b"1".to_vec(), expires_at: None };
    let key = ["k".to_owned()];
    let secret = ("own-token", HERE);
    BTreeMap::from([
        ("kv get", kv::get(caller, scope, &key).await.map(drop)),
        ("kv set", kv::set(caller, scope, vec![put()]).await),
        ("kv add", kv::add(caller, scope, "k".into(), 1).await.map(drop)),
        ("kv compare-and-set", kv::compare_and_set(caller, scope, put(), 0).await.map(drop)),
        ("kv scan", kv::scan(caller, scope, "", (None, 9)).await.map(drop)),
        ("kv delete", kv::delete(caller, scope, &key).await.map(drop)),
        ("settings user", settings::user(caller, user, "word").await.map(drop)),
        ("settings set-user", settings::set_user(caller, user, "word", json!("w")).await),
        ("settings has-secret", settings::has_secret(caller, Some(user), "token").await.map(drop)),
        ("settings store-secret", settings::store_secret(caller, Some(user), secret, "s").await),
    ])
}

/// The functions that name no member.
async fn of_the_pod(caller: &Caller) -> BTreeMap<&'static str, Result<(), Refusal>> {
    let put = || Put { key: "k".into(), value: b"1".to_vec(), expires_at: None };
    let key = ["k".to_owned()];
    BTreeMap::from([
        ("kv get", kv::get(caller, Scope::Site, &key).await.map(drop)),
        ("kv set", kv::set(caller, Scope::Site, vec![put()]).await),
        ("kv add", kv::add(caller, Scope::Site, "k".into(), 1).await.map(drop)),
        ("kv compare-and-set", kv::compare_and_set(caller, Scope::Site, put(), 0).await.map(drop)),
        ("kv scan", kv::scan(caller, Scope::Site, "", (None, 9)).await.map(drop)),
        ("kv delete", kv::delete(caller, Scope::Site, &key).await.map(drop)),
        ("settings site", settings::site(caller, "most").await.map(drop)),
        ("settings has-secret", settings::has_secret(caller, None, "site-token").await.map(drop)),
        ("settings enabled-users", settings::enabled_users(caller, None, 9).await.map(drop)),
    ])
}

fn assert_all(answers: BTreeMap<&str, Result<(), Refusal>>, expected: &Result<(), Refusal>, when: &str) {
    assert!(answers.len() >= 9);
    for (function, answer) in answers {
        assert_eq!(answer, *expected, "{function}, {when}");
    }
}

fn in_background(caller: &Caller) -> Caller {
    let mut caller = caller.clone();
    (caller.looking.viewer, caller.background) = (None, true);
    caller
}

fn without_grants(caller: &Caller) -> Caller {
    Caller { grants: Arc::default(), ..caller.clone() }
}

#[tokio::test]
async fn a_plugin_touches_what_is_of_a_member_only_in_their_own_call_or_with_their_leave() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (hers, yes, no) = (alice.user(), Ok(()), Err(Refusal::Denied));

        // a plugin that acts for nobody
        let plain = Stand::of(MANIFEST);
        let mine = plain.caller(&pod, Some(alice.owner));
        assert_all(all_of(&mine, hers).await, &yes, "in her own call");
        assert_all(all_of(&without_grants(&mine), hers).await, &no, "not granted");
        assert_all(all_of(&mine, bob.user()).await, &no, "somebody else's number");
        assert_all(all_of(&mine, UserId(0)).await, &no, "nobody's number");
        assert_all(all_of(&mine, UserId(-1)).await, &no, "no number");
        assert_all(all_of(&plain.caller(&pod, None), hers).await, &no, "a visitor looks");
        assert_all(
            all_of(&in_background(&mine), hers).await,
            &no,
            "in the background, and it acts for nobody",
        );
        assert_eq!(member::let_act(&pod, alice.owner, "keeper", true).await.map_err(|_| ()), Err(()));

        // one that acts for members
        let acts = acting();
        let mine = acts.caller(&pod, Some(alice.owner));
        let background = in_background(&mine);
        assert_all(all_of(&mine, hers).await, &no, "without her leave");
        assert_all(all_of(&background, hers).await, &no, "in the background without her leave");
        member::let_act(&pod, alice.owner, "keeper", true).await.unwrap();
        member::let_act(&pod, alice.owner, "keeper", true).await.unwrap();
        assert_all(all_of(&mine, hers).await, &yes, "with her leave");
        assert_all(all_of(&background, hers).await, &yes, "in the background with her leave");
        assert_all(all_of(&background, bob.user()).await, &no, "in the background for somebody else");
        assert_all(all_of(&without_grants(&background), hers).await, &no, "with her leave, not granted");
        let his = acts.caller(&pod, Some(bob.owner));
        assert_all(all_of(&his, hers).await, &no, "in the call of somebody else");
        assert_all(all_of(&acts.caller(&pod, None), hers).await, &no, "a visitor looks, with her leave");

        // the calls are those from before
        member::let_act(&pod, alice.owner, "keeper", false).await.unwrap();
        assert_all(all_of(&mine, hers).await, &no, "her leave is gone");
        assert_all(all_of(&background, hers).await, &no, "in the background, her leave is gone");
        member::let_act(&pod, alice.owner, "keeper", true).await.unwrap();
        pod.run(sql!("UPDATE people SET standing = 2 WHERE diaspora_id LIKE 'alice@%'")).await;
        assert_all(all_of(&background, hers).await, &no, "she is suspended");
        pod.run(sql!("UPDATE people SET standing = 0")).await;
        pod.plugins.replace(9, vec![]);
        assert_all(all_of(&mine, hers).await, &no, "switched off");
        assert_all(all_of(&background, hers).await, &no, "in the background, switched off");
    })
    .await;
}

#[tokio::test]
async fn what_is_of_the_pod_needs_the_grant_and_secrets_of_the_pod_an_admin() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let stand = acting();
        let visitor = stand.caller(&pod, None);
        assert_all(of_the_pod(&visitor).await, &Ok(()), "granted");
        assert_all(of_the_pod(&without_grants(&visitor)).await, &Err(Refusal::Denied), "not granted");
        let admin = Chooser::Admin(pod.admin());
        let chosen = form::change(&pod, "keeper", admin, sent(&[("site-server", HERE)])).await.unwrap();
        assert_eq!(chosen, Ok(()));
        let store =
            async |caller: &Caller| settings::store_secret(caller, None, ("site-token", HERE), "s").await;
        let mut hers = stand.caller(&pod, Some(alice.owner));
        assert_eq!(store(&visitor).await, Err(Refusal::Denied));
        assert_eq!(store(&hers).await, Err(Refusal::Denied));
        assert_eq!(store(&in_background(&visitor)).await, Ok(()));
        hers.looking.viewer.as_mut().unwrap().is_admin = true;
        assert_eq!(store(&hers).await, Ok(()));
        assert_eq!(store(&without_grants(&hers)).await, Err(Refusal::Denied));
    })
    .await;
}

#[tokio::test]
async fn the_members_who_let_a_plugin_act_are_listed_in_the_background_only() {
    on_both(async |pod| {
        let stand = acting();
        let mut users = Vec::new();
        for name in ["a", "b", "c", "d"] {
            let who = pod.member(name).await;
            stand.caller(&pod, None);
            if name != "b" {
                member::let_act(&pod, who.owner, "keeper", true).await.unwrap();
                users.push(who.user());
            }
        }
        let background = in_background(&stand.caller(&pod, None));
        let list = async |caller: &Caller, after, limit| {
            settings::enabled_users(caller, after, limit).await.unwrap()
        };
        assert_eq!(list(&background, None, 2).await, users[..2]);
        assert_eq!(list(&background, Some(users[1]), 2).await, users[2..]);
        assert_eq!(list(&stand.caller(&pod, None), None, 9).await, [], "a visitor looks");
        account::close::close_as_operator(&pod, pod.admin(), "a").await.unwrap();
        assert_eq!(list(&background, None, 9).await, users[1..]);
    })
    .await;
}

#[tokio::test]
async fn what_is_chosen_is_what_the_plugin_reads_and_nothing_broken_is_kept() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let mine = Stand::of(MANIFEST).caller(&pod, Some(alice.owner));
        let word = async || settings::user(&mine, alice.user(), "word").await.unwrap();
        let loud = async || settings::user(&mine, alice.user(), "loud").await.unwrap();
        assert_eq!((word().await, loud().await), (None, Some(json!(true))));
        assert_eq!(settings::site(&mine, "most").await, Ok(Some(json!(20))));
        assert_eq!(settings::site(&mine, "word").await, Err(Refusal::NotFound), "it is the member's");
        assert_eq!(settings::user(&mine, alice.user(), "token").await, Err(Refusal::NotFound), "a secret");

        assert_eq!(choose(&pod, alice.owner, &[("word", "hello")]).await, Ok(()));
        assert_eq!((word().await, loud().await), (Some(json!("hello")), Some(json!(false))), "not ticked");
        let wrong =
            choose(&pod, alice.owner, &[("word", "longer"), ("loud", "true"), ("server", "here")]).await;
        let rules: Vec<_> = wrong.unwrap_err().into_iter().map(|wrong| (wrong.key, wrong.rule)).collect();
        assert_eq!(rules, [("word".to_owned(), "too-long"), ("server".to_owned(), "setting-origin")]);
        assert_eq!(loud().await, Some(json!(false)), "all or nothing");
        assert_eq!(choose(&pod, alice.owner, &[("word", ""), ("most", "30")]).await, Ok(()));
        assert_eq!(word().await, None);
        assert_eq!(
            settings::site(&mine, "most").await,
            Ok(Some(json!(20))),
            "a member does not choose for the pod"
        );

        let set = async |value: Value| settings::set_user(&mine, alice.user(), "word", value).await;
        assert!(matches!(set(json!("longer")).await, Err(Refusal::Invalid(_))));
        assert!(matches!(set(json!(7)).await, Err(Refusal::Invalid(_))));
        set(json!("abc")).await.unwrap();
        assert_eq!(word().await, Some(json!("abc")));
        set(Value::Null).await.unwrap();
        assert_eq!(word().await, None);

        let admin = Chooser::Admin(pod.admin());
        form::change(&pod, "keeper", admin, sent(&[("most", "50")])).await.unwrap().unwrap();
        assert_eq!(settings::site(&mine, "most").await, Ok(Some(json!(50))));
        assert_eq!(
            pod.count(sql!("SELECT COUNT(*) FROM audit_log WHERE action = 'plugin.settings'")).await,
            1
        );
        // a newer version that allows less falls back to its default
        let newer = Stand::of(&MANIFEST.replace("max=50", "max=40")).caller(&pod, None);
        assert_eq!(settings::site(&newer, "most").await, Ok(Some(json!(20))));
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_sealed_for_one_origin_and_gone_when_another_is_chosen() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let (who, hers) = (alice.owner, alice.user());
        let mine = Stand::of(MANIFEST).caller(&pod, Some(who));
        let has = async || settings::has_secret(&mine, Some(hers), "token").await.unwrap();
        let early = choose(&pod, who, &[("token", "hush")]).await.unwrap_err();
        assert_eq!((early[0].key.as_str(), early[0].rule), ("token", "setting-no-origin"));
        choose(&pod, who, &[("server", HERE), ("token", "hush")]).await.unwrap();
        assert!(has().await);
        assert_eq!(secret(&pod, hers, "token", HERE).await.as_deref(), Some("hush"));
        assert_eq!(secret(&pod, hers, "token", THERE).await, None);
        let clear = pod.count(sql!(
            sqlite: "SELECT COUNT(*) FROM plugin_secrets WHERE instr(value, CAST('hush' AS BLOB)) > 0",
            postgres: "SELECT COUNT(*) FROM plugin_secrets WHERE position('hush'::bytea in value) > 0",
        ));
        assert_eq!(clear.await, 0);
        // whoever can write rows cannot send it elsewhere
        pod.run(sql!("UPDATE plugin_secrets SET origin = 'https://there.example'")).await;
        assert!(settings::open_secret(&pod, ("keeper", hers), "token", THERE).await.is_err());
        pod.run(sql!("UPDATE plugin_secrets SET origin = 'https://here.example'")).await;

        choose(&pod, who, &[("server", HERE), ("token", "")]).await.unwrap();
        assert!(has().await, "left empty, it stays");
        choose(&pod, who, &[("server", THERE)]).await.unwrap();
        assert!(!has().await, "another server");
        choose(&pod, who, &[("server", THERE), ("token", "again")]).await.unwrap();
        settings::set_user(&mine, hers, "server", json!(HERE)).await.unwrap();
        assert!(!has().await, "the plugin chose another server");
        choose(&pod, who, &[("server", HERE), ("token", "third")]).await.unwrap();
        let forget = Sent { forget: ["token".to_owned()].into(), ..Sent::default() };
        form::change(&pod, "keeper", Chooser::Member(who), forget).await.unwrap().unwrap();
        assert!(!has().await, "forgotten");

        let store = async |key, origin, value: &str| {
            settings::store_secret(&mine, Some(hers), (key, origin), value).await
        };
        assert_eq!(store("token", THERE, "s").await, Err(Refusal::Denied), "not the server that was chosen");
        assert_eq!(store("token", HERE, "s").await, Ok(()));
        assert_eq!(store("own-token", THERE, "s").await, Ok(()));
        assert_eq!(secret(&pod, hers, "own-token", THERE).await.as_deref(), Some("s"));
        assert_eq!(store("word", HERE, "s").await, Err(Refusal::NotFound), "not a secret");
        assert_eq!(store("site-token", HERE, "s").await, Err(Refusal::NotFound), "the pod's");
        for (origin, value) in [("http://a.example", "s"), (THERE, ""), (THERE, &*"s".repeat(5000))] {
            assert!(matches!(store("own-token", origin, value).await, Err(Refusal::Invalid(_))), "{origin}");
        }
    })
    .await;
}
