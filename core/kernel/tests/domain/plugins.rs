//! What a plugin may do in whose name.
use pappus_kernel::{
    access::Owner,
    id::UserId,
    plugin::{
        Caller, Capability, Enabled, Files, Grants, Hook, Looking, Manifest, Member, Plugin, PluginError,
        Refusal, RenderSource, RenderedText, exchange::Node, federation_out,
    },
    post::Audience,
    sql,
    testing::{TestPod, on_both},
};
use std::sync::{Arc, LazyLock};

const MANIFEST: &str = "[plugin]\nid='test.survey'\nslug='survey'\nname='S'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n\
    [capabilities]\nfederation-out = { why = 'answers' }\n\
    [[attachment]]\nkind = 'poll'\nanswers = { entity = 'poll_participation', count-by = 'poll_answer_guid' }\n";

const POLL: &str = "00112233445566778899aabbccddeeff";

/// A plugin that does nothing by itself: what counts is its manifest.
pub(crate) struct Stand(Manifest);

#[async_trait::async_trait]
impl Plugin for Stand {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[Hook] {
        &[]
    }

    fn sha256(&self) -> &'static str {
        "stand"
    }

    fn files(&self) -> &Files {
        static NONE: LazyLock<Files> = LazyLock::new(Files::default);
        &NONE
    }

    async fn render(&self, _: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        Err(PluginError::NoHook(Hook::TextRenderer))
    }
}

impl Stand {
    pub(crate) fn of(manifest: &str) -> Arc<Self> {
        Arc::new(Self(Manifest::parse(manifest).unwrap()))
    }

    /// A call on a page of this member; the plugin is the only one that is on, granted what it asks for.
    pub(crate) fn caller(self: &Arc<Self>, pod: &TestPod, viewer: Option<Owner>) -> Caller {
        let grants = Grants::asked_by(self.manifest());
        pod.plugins.replace(1, vec![Enabled::new(self.clone(), grants.clone())]);
        let member = |owner| Member { owner, diaspora_id: "alice@pod.test".into(), is_admin: false };
        let looking = Looking {
            pod: Arc::clone(&pod.pod),
            viewer: viewer.map(member),
            locale: "en".into(),
            timezone: "UTC".into(),
            request_id: String::new(),
        };
        let slug = self.manifest().slug.clone();
        Caller {
            looking,
            slug,
            grants: Arc::new(grants),
            acting_on: None,
            background: false,
            looks_only: false,
        }
    }
}

fn caller(pod: &TestPod, viewer: Option<Owner>, granted: bool) -> Caller {
    let mut caller = Stand::of(MANIFEST).caller(pod, viewer);
    caller.acting_on = Some(POLL.into());
    if !granted {
        caller.grants = Arc::default();
    }
    caller
}

fn vote(entity: &str, choice: &str) -> Vec<Node> {
    let node = |name: &str, text: Option<&str>, parent| Node {
        name: name.into(),
        text: text.map(str::to_owned),
        parent,
    };
    vec![node(entity, None, None), node("poll_answer_guid", Some(choice), Some(0))]
}

#[tokio::test]
async fn a_plugin_answers_for_nobody_but_the_member_who_acts_and_only_what_it_declared() {
    const YES: &str = "11112233445566778899aabbccddeeff";
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        crate::publish(&pod, &alice, "asks", Audience::Public).await;
        pod.run(sql!("INSERT INTO attachments (post_id, kind, guid, xml) SELECT id, 'poll', '00112233445566778899aabbccddeeff', '<poll><guid>00112233445566778899aabbccddeeff</guid><question>q</question><poll_answer><guid>11112233445566778899aabbccddeeff</guid><answer>y</answer></poll_answer><poll_answer><guid>22222233445566778899aabbccddeeff</guid><answer>n</answer></poll_answer></poll>' FROM posts")).await;
        let publish = async |caller: &Caller, user: UserId, entity: &str, choice: &str| {
            federation_out::publish(caller, user, POLL, &vote(entity, choice)).await
        };
        let mine = caller(&pod, Some(alice.owner), true);
        let voted = "poll_participation";
        let denied = Err(Refusal::Denied);
        assert_eq!(publish(&mine, bob.user(), voted, YES).await, denied, "somebody else");
        assert_eq!(publish(&mine, alice.user(), "comment", YES).await, denied, "not declared");
        assert_eq!(publish(&caller(&pod, None, true), alice.user(), voted, YES).await, denied, "nobody acts");
        let ungranted = caller(&pod, Some(alice.owner), false);
        assert_eq!(publish(&ungranted, alice.user(), voted, YES).await, denied, "not granted");
        assert_eq!(ungranted.may(Capability::FederationOut), denied.clone().map(|_: String| ()));

        let mine = caller(&pod, Some(alice.owner), true);
        assert!(matches!(publish(&mine, alice.user(), voted, "no guid").await, Err(Refusal::Invalid(_))));
        let never = "33332233445566778899aabbccddeeff";
        assert!(matches!(publish(&mine, alice.user(), voted, never).await, Err(Refusal::Invalid(_))), "not offered");
        let other = federation_out::publish(&mine, alice.user(), never, &vote(voted, YES)).await;
        assert_eq!(other, denied, "another poll than the form was about");
        let looks = Caller { acting_on: None, ..mine.clone() };
        assert_eq!(publish(&looks, alice.user(), voted, YES).await, denied, "looking at a page votes for nobody");
        publish(&mine, alice.user(), voted, YES).await.unwrap();
        assert_eq!(publish(&mine, alice.user(), voted, YES).await, Err(Refusal::Conflict), "twice");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM attachment_answers")).await, 1);

        // once it is switched off, a call that is still under way may nothing more
        pod.plugins.replace(2, vec![]);
        assert_eq!(publish(&mine, alice.user(), voted, YES).await, denied, "switched off");
    })
    .await;
}
