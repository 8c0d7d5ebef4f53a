//! What a plugin keeps and reads through the real contract: a guest made with the kit for plugins, on both databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{path::Path, sync::Arc};

use pappus_kernel::{
    account::close,
    contact, job, notification,
    person::profile::{self, ProfileForm},
    plugin::{
        Caller, Enabled, Grants, Looking, Member, Plugin, PluginHost as _, Slug,
        exchange::{Acted, ActionRequest},
        kv, member,
    },
    testing::{self, TestPod, on_both},
};
use pappus_plugin_host::{Config, Host};

/// The guest of `guests/keeper`.
async fn keeper() -> Arc<dyn Plugin> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/keeper");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    std::fs::create_dir_all(&out).unwrap();
    let building = move || pappus_plugin_build::build(&folder, &out, false).map(|_| out).unwrap();
    let out = tokio::task::spawn_blocking(building).await.unwrap();
    let host = Host::new(Config { plugin_dirs: vec![out], ..Config::default() }).unwrap();
    host.load("keeper").await.unwrap()
}

fn switch_on(pod: &TestPod, plugin: &Arc<dyn Plugin>, grants: Grants) {
    pod.plugins.replace(1, vec![Enabled::new(Arc::clone(plugin), grants)]);
}

/// Somebody who uses the plugin's buttons.
struct Hands<'a> {
    plugin: &'a Arc<dyn Plugin>,
    caller: Caller,
}

impl Hands<'_> {
    /// What the guest says to this.
    async fn act(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let form = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = ActionRequest { action: action.to_owned(), subject: None, form };
        match self.plugin.act(self.caller.clone(), request).await.unwrap() {
            Acted::Redirect(said) => said,
            other => panic!("{action}: {other:?}"),
        }
    }
}

fn caller(pod: &TestPod, who: Option<&testing::Member>) -> Caller {
    let viewer = |who: &testing::Member| Member {
        owner: who.owner,
        diaspora_id: who.diaspora_id.clone(),
        is_admin: false,
    };
    let looking = Looking {
        pod: Arc::clone(&pod.pod),
        viewer: who.map(viewer),
        locale: "en".to_owned(),
        timezone: "UTC".into(),
        request_id: String::new(),
    };
    let grants = Arc::clone(&pod.plugins.find("keeper").unwrap().grants);
    let slug = Slug::try_from("keeper".to_owned()).unwrap();
    Caller { looking, slug, grants, acting_on: None, background: false, looks_only: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_keeps_counts_and_finds_again_what_it_kept_between_its_calls() {
    let plugin = keeper().await;
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let user = alice.user().to_string();
        let mine = ("user", user.as_str());
        switch_on(&pod, &plugin, Grants::asked_by(plugin.manifest()));
        member::let_act(&pod, alice.owner, "keeper", true).await.unwrap();
        let hands = Hands { plugin: &plugin, caller: caller(&pod, Some(&alice)) };

        assert_eq!(hands.act("set", &[("key", "a/1"), ("value", "pod's")]).await, "()");
        assert_eq!(hands.act("set", &[mine, ("key", "a/1"), ("value", "mine")]).await, "()");
        assert_eq!(hands.act("get", &[("key", "a/1")]).await, r#"[Some("pod's"), None]"#);
        assert_eq!(hands.act("get", &[mine, ("key", "a/1")]).await, r#"[Some("mine"), None]"#);
        assert_eq!(hands.act("add", &[("key", "a/2"), ("value", "40")]).await, "40");
        assert_eq!(hands.act("add", &[("key", "a/2"), ("value", "2")]).await, "42");
        assert_eq!(hands.act("scan", &[("key", "a/")]).await, r#"(["a/1"], Some("a/1"))"#);
        assert_eq!(hands.act("swap", &[("key", "b"), ("value", "0")]).await, "true");
        assert_eq!(hands.act("swap", &[("key", "b"), ("value", "0")]).await, "false");
        assert_eq!(hands.act("delete", &[("key", "b")]).await, "1");
        assert_eq!(hands.act("set", &[("key", "")]).await, "ErrorCode::Invalid");
        let large = "x".repeat(kv::LARGEST_VALUE + 1);
        assert_eq!(hands.act("set", &[("key", "c"), ("value", &large)]).await, "ErrorCode::QuotaExceeded");

        assert_eq!(hands.act("site", &[("key", "most")]).await, r#"Some("20")"#);
        assert_eq!(hands.act("user", &[mine, ("key", "word")]).await, "None");
        assert_eq!(hands.act("set-user", &[mine, ("key", "word"), ("value", "\"abc\"")]).await, "()");
        assert_eq!(hands.act("user", &[mine, ("key", "word")]).await, r#"Some("\"abc\"")"#);
        assert_eq!(
            hands.act("set-user", &[mine, ("key", "word"), ("value", "abc")]).await,
            "ErrorCode::Invalid"
        );
        assert_eq!(hands.act("has-secret", &[mine, ("key", "token")]).await, "false");
        assert_eq!(hands.act("store-secret", &[mine, ("key", "token"), ("value", "s")]).await, "()");
        assert_eq!(hands.act("has-secret", &[mine, ("key", "token")]).await, "true");
        assert_eq!(hands.act("enabled-users", &[]).await, format!("[{user}]"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_may_not_touch_is_denied_in_every_function() {
    const KEPT: [&str; 6] = ["get", "set", "delete", "swap", "add", "scan"];
    const DENIED: &str = "ErrorCode::Denied";
    let plugin = keeper().await;
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let all = Grants::asked_by(plugin.manifest());
        switch_on(&pod, &plugin, all);
        for who in [&alice, &bob] {
            member::let_act(&pod, who.owner, "keeper", true).await.unwrap();
        }
        let (hers, his) = (alice.user().to_string(), bob.user().to_string());
        let nobody = u64::MAX.to_string();
        let granted = Hands { plugin: &plugin, caller: caller(&pod, Some(&alice)) };
        let visitor = Hands { plugin: &plugin, caller: caller(&pod, None) };
        let mut ungranted = Hands { plugin: &plugin, caller: caller(&pod, Some(&alice)) };
        ungranted.caller.grants = Arc::default();
        let check = async |hands: &Hands<'_>, user: &str, when: &str| {
            for action in KEPT.iter().chain(&["set-user", "store-secret", "who", "me", "friends", "tell"]) {
                let said = hands.act(action, &[("user", user), ("key", "k"), ("value", "1")]).await;
                assert_eq!(said, DENIED, "{action}, {when}");
            }
            assert_eq!(hands.act("user", &[("user", user), ("key", "word")]).await, "None", "{when}");
            assert_eq!(hands.act("has-secret", &[("user", user), ("key", "token")]).await, "false", "{when}");
        };
        for hands in [&granted, &Hands { plugin: &plugin, caller: caller(&pod, Some(&bob)) }] {
            let user = hands.caller.looking.owner().unwrap().user().to_string();
            let fields = [("user", user.as_str()), ("key", "word"), ("value", "\"abc\"")];
            assert_eq!(hands.act("set-user", &fields).await, "()");
        }
        check(&granted, &his, "somebody else").await;
        check(&granted, &nobody, "no number of ours").await;
        check(&visitor, &hers, "a visitor looks").await;
        check(&ungranted, &hers, "not granted").await;
        for action in KEPT.iter().chain(&["enqueue", "cancel"]) {
            let said = ungranted.act(action, &[("key", "k"), ("value", "1")]).await;
            assert_eq!(said, DENIED, "{action} for the pod, not granted");
        }
        assert_eq!(ungranted.act("site", &[("key", "most")]).await, "None");
        assert_eq!(ungranted.act("enabled-users", &[]).await, "[]");
        member::let_act(&pod, alice.owner, "keeper", false).await.unwrap();
        check(&granted, &hers, "her leave is gone").await;
        assert_eq!(granted.act("enabled-users", &[]).await, "[]");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_works_later_knows_friends_and_tells_a_member() {
    let plugin = keeper().await;
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        switch_on(&pod, &plugin, Grants::asked_by(plugin.manifest()));
        member::let_act(&pod, alice.owner, "keeper", true).await.unwrap();
        let user = alice.user().to_string();
        let mine = ("user", user.as_str());
        let hands = Hands { plugin: &plugin, caller: caller(&pod, Some(&alice)) };

        let later = [("key", "tea"), ("value", "\"again\"")];
        assert_eq!(hands.act("enqueue", &later).await, "1");
        assert_eq!(hands.act("enqueue", &[("key", "milk"), ("value", "{")]).await, "ErrorCode::Invalid");
        job::run_due(&pod.pod).await.unwrap();
        let did = r#"[Some("later \"again\" 1 UTC"), None]"#.replace("\"again\"", "\\\"again\\\"");
        assert_eq!(hands.act("get", &[("key", "did")]).await, did);
        assert_eq!(hands.act("cancel", &[("key", "tea")]).await, "1", "there was more to do in a minute");
        assert_eq!(hands.act("enqueue", &[("key", "\0"), ("value", "1")]).await, "ErrorCode::Invalid");

        let friends = pod.aspect(&alice, "friends").await;
        contact::share(&pod, alice.owner, friends, bob.person()).await.unwrap();
        let form = ProfileForm {
            first_name: "Bob".into(),
            birthday: "02-29".into(),
            public_details: true,
            ..ProfileForm::default()
        };
        profile::change(&pod, bob.owner, form).await.unwrap();
        let known = format!("[\"{} Some(2)\"]", bob.diaspora_id);
        assert_eq!(hands.act("friends", &[mine, ("key", "bo")]).await, known);
        assert_eq!(hands.act("who", &[mine, ("key", &bob.diaspora_id)]).await, known);
        assert_eq!(hands.act("me", &[mine]).await, format!("[\"{} None\"]", alice.diaspora_id));

        let words = [mine, ("key", "once"), ("value", "sentence")];
        assert_eq!(hands.act("tell", &words).await, "1");
        assert_eq!(hands.act("tell", &words).await, "0");
        let page = notification::page(&pod, alice.owner, None).await.unwrap();
        let told = page[0].told.as_ref().unwrap();
        assert_eq!((told.message_key.as_str(), told.args.as_str()), ("sentence", "{\"count\":3}"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_exports_and_erases_what_only_it_knows_to_be_a_members() {
    let plugin = keeper().await;
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        switch_on(&pod, &plugin, Grants::asked_by(plugin.manifest()));
        let hands = Hands { plugin: &plugin, caller: caller(&pod, Some(&alice)) };
        let export = async || plugin.export_user(hands.caller.clone(), alice.user()).await.unwrap();
        assert_eq!(export().await, serde_json::Value::Null);
        let key = format!("about/{}", alice.user());
        hands.act("set", &[("key", &key), ("value", "likes cats")]).await;
        hands.act("set", &[("key", "other"), ("value", "stays")]).await;
        assert_eq!(export().await, serde_json::json!({ "about": "likes cats" }));
        close::close_as_operator(&pod, pod.admin(), "alice").await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(export().await, serde_json::Value::Null);
        assert_eq!(hands.act("get", &[("key", "other")]).await, r#"[Some("stays"), None]"#);
    })
    .await;
}
