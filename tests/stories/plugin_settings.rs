//! What people choose for plugins, on the pages that the pod makes of the manifests.
use crate::{
    mover::{archive, gunzip},
    peer::sql,
};
use axum::http::StatusCode;
use pappus_kernel::access::Owner;
use pappus_kernel::id::UserId;
use pappus_kernel::plugin::{
    Caller, Enabled, Files, Grants, Hook, Manifest, Plugin, PluginError, RenderSource, RenderedText,
};
use pappus_kernel::testing::on_both;
use pappus_tests::{PASSWORD, Running};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};

const MANIFEST: &str = "[plugin]\nid='test.postcard'\nslug='postcard'\nname='Post<card>'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\nacts-for-members=true\n\
    [[setting]]\nkey='most'\nscope='site'\ntype='integer'\nmin=2\nmax=50\ndefault=20\nlabel='most'\nhelp='most-help'\n\
    [[setting]]\nkey='tint'\nscope='site'\ntype='color'\ndefault='#00aa88'\nlabel='tint'\n\
    [[setting]]\nkey='greeting'\nscope='user'\ntype='text'\nmax=20\nlabel='greeting'\n\
    [[setting]]\nkey='size'\nscope='user'\ntype='choice'\nchoices=['small','large']\nlabel='size'\n\
    [[setting]]\nkey='stamps'\nscope='user'\ntype='list'\nmax=2\nlabel='stamps'\n\
    [[setting]]\nkey='server'\nscope='user'\ntype='origin'\nlabel='server'\n\
    [[setting]]\nkey='token'\nscope='user'\ntype='secret'\nfor='server'\nlabel='token'\n";

const WORDS: &str = "most = At most\nmost-help = So many on a page.\ntint = Tint\ngreeting = Greeting\nsize = Size\n\
    size-small = Small\nsize-large = Large\nstamps = Stamps\nserver = Server\ntoken = Token\n";

/// A package that says what there is to choose; what its component would do plays no part on these pages.
struct Postcard {
    manifest: Manifest,
    broken: bool,
    /// Whom it was told to erase.
    erased: Mutex<Vec<UserId>>,
}

#[async_trait::async_trait]
impl Plugin for Postcard {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[Hook] {
        &[Hook::AccountData]
    }

    fn sha256(&self) -> &'static str {
        "postcard"
    }

    fn files(&self) -> &Files {
        static FILES: LazyLock<Files> = LazyLock::new(|| Files {
            templates: BTreeMap::new(),
            locales: BTreeMap::from([("en".to_owned(), WORDS.to_owned())]),
        });
        &FILES
    }

    async fn render(&self, _: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        Err(PluginError::NoHook(Hook::TextRenderer))
    }

    async fn export_user(&self, caller: Caller, user: UserId) -> Result<Value, PluginError> {
        assert_eq!(caller.looking.owner().map(Owner::user), Some(user), "the member asked for it");
        if self.broken { Err(PluginError::Trap("unreachable".into())) } else { Ok(json!({ "sent": 3 })) }
    }

    async fn erase_user(&self, caller: Caller, user: UserId) -> Result<(), PluginError> {
        assert!(caller.looking.viewer.is_none() && caller.background);
        self.erased.lock().unwrap().push(user);
        if self.broken { Err(PluginError::Trap("unreachable".into())) } else { Ok(()) }
    }
}

fn switch_on(pod: &Running) {
    switch_on_one(pod, false);
}

fn switch_on_one(pod: &Running, broken: bool) -> Arc<Postcard> {
    let manifest = Manifest::parse(MANIFEST).unwrap();
    let plugin = Arc::new(Postcard { manifest, broken, erased: Mutex::default() });
    pod.pod.plugins.replace(9, vec![Enabled::new(plugin.clone(), Grants::default())]);
    plugin
}

const MINE: &str = "/settings/plugins";

#[tokio::test]
async fn a_member_chooses_and_what_was_typed_wrong_is_shown_again_with_its_reason() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        assert!(alice.get(MINE).await.text().contains("There is nothing to choose."));
        switch_on(&running);
        let page = alice.get(MINE).await.text();
        for there in ["Post&lt;card&gt;", "Greeting", "Large", "Allow it", "None is kept."] {
            assert!(page.contains(there), "{there} in {page}");
        }
        assert!(!page.contains("At most"), "that is the podmin's to choose");

        let post = "/settings/plugins/postcard";
        let mut typed = vec![
            ("s[greeting]", "Hello \"you\" <3"),
            ("s[size]", "large"),
            ("s[stamps]", "one\r\ntwo\r\nthree"),
            ("s[server]", "other.example"),
            ("s[token]", "hush hush"),
        ];
        let refused = alice.post(post, &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        let kept = [
            "Hello &quot;you&quot; &lt;3",
            "value=\"large\" selected",
            "one\r\ntwo\r\nthree",
            "other.example",
        ];
        let said = [
            "That is more than allowed.",
            "Only the address of a server belongs here",
            "Say first which server",
        ];
        for there in kept.iter().chain(&said) {
            assert!(text.contains(there), "{there} in {text}");
        }
        assert!(!text.contains("hush"), "a secret is not shown, right or wrong");
        assert_eq!(running.pod.count(sql("SELECT COUNT(*) FROM plugin_settings")).await, 0);

        typed[2].1 = "one\r\n\r\ntwo";
        typed[3].1 = "https://Other.example/";
        assert_eq!(alice.post(post, &typed).await.status, StatusCode::SEE_OTHER);
        let page = alice.get(MINE).await.text();
        for there in ["Hello &quot;you&quot; &lt;3", "one\ntwo", "https://other.example", "One is kept."] {
            assert!(page.contains(there), "{there} in {page}");
        }
        assert!(!page.contains("hush"));
        assert_eq!(alice.post(post, &[("forget[]", "token")]).await.status, StatusCode::SEE_OTHER);
        assert!(alice.get(MINE).await.text().contains("None is kept."));

        // somebody else has chosen nothing
        let mut bob = running.sign_up("bob").await;
        let page = bob.get(MINE).await.text();
        assert!(page.contains("Greeting") && !page.contains("Hello"));
        assert_eq!(bob.post("/settings/plugins/other", &typed).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_member_lets_a_plugin_act_and_stops_it() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        switch_on(&running);
        let switch = "/settings/plugins/postcard/switch";
        let acting = async || running.pod.count(sql("SELECT COUNT(*) FROM plugin_members")).await;
        for (on, many, words) in [("true", 1, "It may act for you."), ("false", 0, "It does nothing for you")]
        {
            assert_eq!(alice.post(switch, &[("on", on)]).await.status, StatusCode::SEE_OTHER);
            assert_eq!(acting().await, many);
            assert!(alice.get(MINE).await.text().contains(words), "{words}");
        }
        let other = alice.post("/settings/plugins/other/switch", &[("on", "true")]).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        assert_eq!(acting().await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_podmin_chooses_for_the_pod_and_nobody_else_sees_that_page() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        switch_on(&running);
        let path = "/admin/plugins/postcard/settings";
        assert_eq!(alice.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(alice.post(path, &[("s[most]", "30")]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(running.pod.count(sql("SELECT COUNT(*) FROM plugin_settings")).await, 0);

        let mut admin = running.sign_in("admina").await;
        let page = admin.get(path).await.text();
        for there in ["At most", "So many on a page.", "value=\"20\"", "value=\"#00aa88\""] {
            assert!(page.contains(there), "{there} in {page}");
        }
        assert!(!page.contains("Greeting"), "that is each member's to choose");
        let refused = admin.post(path, &[("s[most]", "51"), ("s[tint]", "#ABCDEF")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        for there in ["It must be from 2 to 50.", "value=\"51\"", "value=\"#ABCDEF\""] {
            assert!(text.contains(there), "{there} in {text}");
        }
        let done = admin.post(path, &[("s[most]", "30"), ("s[tint]", "#ABCDEF")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        let page = admin.get(path).await.text();
        assert!(page.contains("value=\"30\"") && page.contains("value=\"#abcdef\""), "{page}");
        assert_eq!(admin.get("/admin/plugins/none/settings").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_closed_account_leaves_no_choice_and_no_secret_behind() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        switch_on(&running);
        let typed = [("s[greeting]", "Hi"), ("s[server]", "https://other.example"), ("s[token]", "hush")];
        assert_eq!(alice.post("/settings/plugins/postcard", &typed).await.status, StatusCode::SEE_OTHER);
        alice.post("/settings/plugins/postcard/switch", &[("on", "true")]).await;
        let tables = ["plugin_settings", "plugin_secrets", "plugin_members"];
        let rows = async |table: &str| match table {
            "plugin_settings" => running.pod.count(sql("SELECT COUNT(*) FROM plugin_settings")).await,
            "plugin_secrets" => running.pod.count(sql("SELECT COUNT(*) FROM plugin_secrets")).await,
            _ => running.pod.count(sql("SELECT COUNT(*) FROM plugin_members")).await,
        };
        for table in tables {
            assert!(rows(table).await > 0, "{table}");
        }
        let closed =
            alice.post("/user", &[("_method", "delete"), ("user[current_password]", PASSWORD)]).await;
        assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.text());
        for table in tables {
            assert_eq!(rows(table).await, 0, "{table}");
        }
        running.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_archive_holds_what_plugins_keep_and_what_they_say_but_no_secret() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        switch_on(&running);
        let typed = [("s[greeting]", "Hi"), ("s[server]", "https://other.example"), ("s[token]", "hush")];
        assert_eq!(alice.post("/settings/plugins/postcard", &typed).await.status, StatusCode::SEE_OTHER);
        alice.post("/settings/plugins/postcard/switch", &[("on", "true")]).await;
        let file = gunzip(&archive(&running, &mut alice).await);
        let kept = json!({
            "settings": { "greeting": "Hi", "server": "https://other.example" },
            "acts_for_member": true,
            "more": { "sent": 3 },
        });
        assert_eq!(file["user"]["plugins"]["postcard"], kept);
        assert!(!file.to_string().contains("hush"));
        switch_on_one(&running, true);
        let file = gunzip(&archive(&running, &mut alice).await);
        let kept = &file["user"]["plugins"]["postcard"];
        assert_eq!((&kept["incomplete"], &kept["settings"]["greeting"]), (&json!(true), &json!("Hi")));
    })
    .await;
}

#[tokio::test]
async fn a_plugin_is_told_of_a_closed_account_and_one_that_fails_stops_nothing() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        for (name, broken) in [("alice", false), ("bob", true)] {
            let mut who = running.sign_up(name).await;
            let plugin = switch_on_one(&running, broken);
            let fields = [("_method", "delete"), ("user[current_password]", PASSWORD)];
            assert_eq!(who.post("/user", &fields).await.location(), "/users/sign_in");
            for _ in 0..3 {
                running.run_jobs().await;
            }
            assert_eq!(plugin.erased.lock().unwrap().len(), 1, "{name}");
            let left =
                running.pod.count(sql("SELECT COUNT(*) FROM jobs WHERE kind = 'plugin_erase_user'")).await;
            assert_eq!(left, i64::from(broken), "it is tried again later");
            running.pod.run(sql("DELETE FROM jobs")).await;
        }
    })
    .await;
}
