//! Polls between two pods: a plugin that makes and shows them, and a core that only carries them.
use crate::{
    kept::{borrowed, hidden_fields},
    peer::sql,
    two_pods::friends,
};
use axum::http::StatusCode;
use pappus_kernel::plugin::{
    Caller, Enabled, Files, Grants, Hook, Manifest, Plugin, PluginError, RenderSource, RenderedText,
    exchange::{Composed, FieldProblem, Pairs},
};
use pappus_tests::{Browser, PASSWORD, Running, TwoPods};
use std::sync::{Arc, LazyLock};

const POLL: &str = "x[polls][poll]";

/// Publishes a post with a poll of two answers; the post's guid.
async fn ask(who: &mut Browser, question: &str, audience: &str) -> String {
    let (asked, answer) = (format!("{POLL}[question]"), format!("{POLL}[answer][]"));
    let mut fields = vec![
        ("status_message[text]", "I cannot decide."),
        (asked.as_str(), question),
        (answer.as_str(), "by <train>"),
        (answer.as_str(), "by bike"),
        (answer.as_str(), ""),
    ];
    let public = audience == "public";
    fields.push(if public { ("audience", "public") } else { ("aspect_ids[]", audience) });
    let sent = who.post("/status_messages", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let page = who.get("/stream").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page.after("<a href=\"/posts/")
        .or_else(|| page.after("/posts/"))
        .unwrap_or_else(|| panic!("{}", page.text()))
}

#[tokio::test]
async fn whoever_is_ignored_votes_in_vain_and_spoils_nothing() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut eve = pods.left.sign_up("eve").await;
        let post = ask(&mut alice, "Which?", "public").await;
        let (poll, answers) = offered(&mut alice, &post).await;
        let page = alice.get("/u/eve").await;
        let profile = if page.status == StatusCode::OK { page } else { alice.get(page.location()).await };
        let hers = profile.after("name=\"block[person_id]\" value=\"").unwrap();
        let ignored = alice.post("/blocks", &[("block[person_id]", &hers)]).await;
        assert_eq!(ignored.status, StatusCode::SEE_OTHER, "{}", ignored.text());
        for _ in 0..7 {
            assert_eq!(vote(&mut eve, &poll, &answers[0]).await.0, StatusCode::FORBIDDEN);
        }
        assert_eq!(
            vote(&mut alice, &poll, &answers[0]).await.0,
            StatusCode::SEE_OTHER,
            "it is not set aside"
        );
        assert_eq!(votes(&pods.left).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_poll_of_a_reshared_post_stands_in_the_reshare() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let post = ask(&mut alice, "Far or near?", "public").await;
        pods.settle().await;
        assert_eq!(bob.post("/reshares", &[("root_guid", &post)]).await.status, StatusCode::SEE_OTHER);
        let page = bob.get("/stream").await.text();
        assert_eq!(page.matches("Far or near?</strong>").count(), 2, "in the post and in the reshare");
    })
    .await;
}

/// The poll's guid and those of its answers, from the form that shows them.
async fn offered(who: &mut Browser, post: &str) -> (String, Vec<String>) {
    let page = who.get(&format!("/posts/{post}")).await.text();
    let (_, form) = page.split_once("/p/polls/actions/vote").expect("a form to vote");
    let (form, _) = form.split_once("</form>").unwrap();
    let values = |mark: &str| -> Vec<String> {
        form.split(mark).skip(1).map(|rest| rest.chars().take_while(|c| *c != '"').collect()).collect()
    };
    let poll = values("name=\"subject\" value=\"").pop().unwrap();
    (poll, values("name=\"answer\" value=\""))
}

async fn vote(who: &mut Browser, poll: &str, answer: &str) -> (StatusCode, String) {
    let voted = who.post("/p/polls/actions/vote", &[("subject", poll), ("answer", answer)]).await;
    (voted.status, voted.text())
}

async fn votes(on: &Running) -> i64 {
    on.pod.count(sql("SELECT COUNT(*) FROM attachment_answers")).await
}

#[tokio::test]
async fn a_poll_is_asked_here_and_answered_there() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let post = ask(&mut alice, "How do we get there?", "public").await;
        pods.settle().await;
        let path = format!("/posts/{post}");
        bob.get(&path).await.shows("How do we get there?").shows("by &lt;train&gt;").shows("by bike");
        pods.left.browser().get(&path).await.shows("0 votes").hides("/p/polls/actions");

        let (poll, answers) = offered(&mut bob, &post).await;
        assert_eq!(vote(&mut bob, &poll, &answers[1]).await.0, StatusCode::SEE_OTHER);
        pods.settle().await;
        bob.get(&path).await.shows("your vote").shows("100 %").hides("/p/polls/actions");
        assert_eq!((votes(&pods.left).await, votes(&pods.right).await), (1, 1));
        alice.get(&path).await.shows("1 vote");

        // one's own vote is relayed to whoever hears of the post
        assert_eq!(vote(&mut alice, &poll, &answers[0]).await.0, StatusCode::SEE_OTHER);
        pods.settle().await;
        assert_eq!((votes(&pods.left).await, votes(&pods.right).await), (2, 2));
        bob.get(&path).await.shows("50 %").shows("2 votes");
    })
    .await;
}

#[tokio::test]
async fn nobody_votes_twice_or_for_what_was_not_offered() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let post = ask(&mut alice, "Which?", "public").await;
        pods.settle().await;
        let (poll, answers) = offered(&mut bob, &post).await;
        let (status, words) = vote(&mut bob, &poll, "1234567890abcdef1234567890abcdef").await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && words.contains("does not offer"), "{words}");
        let (status, words) = vote(&mut bob, &poll, "").await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        vote(&mut bob, &poll, &answers[0]).await;
        let (status, words) = vote(&mut bob, &poll, &answers[1]).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && words.contains("voted already"), "{words}");
        assert_eq!(vote(&mut bob, "nothing-of-the-kind-1", &answers[1]).await.0, StatusCode::NOT_FOUND);
        assert_eq!(votes(&pods.right).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_limited_poll_is_for_its_audience_and_nobody_else() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut eve = pods.left.sign_up("eve").await;
        let family = alice.aspect("Family").await;
        let post = ask(&mut alice, "What shall we give her?", &family).await;
        pods.settle().await;
        let (poll, answers) = offered(&mut bob, &post).await;
        assert_eq!(eve.get(&format!("/posts/{post}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(vote(&mut eve, &poll, &answers[0]).await.0, StatusCode::NOT_FOUND);
        assert_eq!(votes(&pods.left).await, 0);
        assert_eq!(vote(&mut bob, &poll, &answers[0]).await.0, StatusCode::SEE_OTHER);
        pods.settle().await;
        assert_eq!(votes(&pods.left).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_said_beside_its_field_and_nothing_is_lost() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let (question, answer) = (format!("{POLL}[question]"), format!("{POLL}[answer][]"));
        let fields = [
            ("status_message[text]", "my words"),
            (question.as_str(), "Which?"),
            (answer.as_str(), "only this"),
            ("audience", "public"),
        ];
        let refused = alice.post("/status_messages", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        for kept in ["my words", "Which?", "only this", "at least two answers"] {
            assert!(refused.text().contains(kept), "{kept}");
        }
        // a session that ended in between: all of it comes back with the sign-in
        let mut gone = pods.left.browser();
        let away = gone.post("/status_messages", &fields).await;
        assert_eq!(away.status, StatusCode::UNAUTHORIZED);
        let mut carried = hidden_fields(&away.text());
        carried.push(("user[username]".into(), "alice".into()));
        carried.push(("user[password]".into(), PASSWORD.into()));
        let back = gone.post("/users/sign_in", &borrowed(&carried)).await;
        back.shows("my words").shows("Which?").shows("only this");
        // without a script, more fields come with a step
        let before = alice.get("/stream").await.text().matches(&answer).count();
        let stepped = alice.post("/status_messages", &[&fields[..], &[("step", "more")]].concat()).await;
        assert_eq!(stepped.status, StatusCode::OK);
        assert_eq!((before, stepped.text().matches(&answer).count()), (4, 4));
        let four = [(answer.as_str(), "b"), (answer.as_str(), ""), (answer.as_str(), "")];
        let stepped =
            alice.post("/status_messages", &[&fields[..], &four, &[("step", "more")]].concat()).await;
        assert_eq!(stepped.text().matches(&answer).count(), 6);
        // a plugin that went away meanwhile takes nothing with it without a word
        pods.left.switch("polls", false).await;
        let gone = alice.post("/status_messages", &fields).await;
        assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            gone.text().contains("my words") && gone.text().contains("switched off now"),
            "{}",
            gone.text()
        );
        assert_eq!(pods.left.pod.count(sql("SELECT COUNT(*) FROM posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn polls_and_votes_that_come_while_the_plugin_is_off_are_there_when_it_is_on_again() {
    TwoPods::on_both_with(&["polls"], async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        pods.right.switch("polls", false).await;
        let post = ask(&mut alice, "Early or late?", "public").await;
        pods.settle().await;
        let (poll, answers) = offered(&mut alice, &post).await;
        vote(&mut alice, &poll, &answers[0]).await;
        pods.settle().await;
        let path = format!("/posts/{post}");
        bob.get(&path).await.shows("I cannot decide.").hides("Early or late?");
        bob.get("/stream").await.hides(POLL);
        assert_eq!(vote(&mut bob, &poll, &answers[0]).await.0, StatusCode::NOT_FOUND);
        pods.right.switch("polls", true).await;
        bob.get(&path).await.shows("Early or late?").shows("1 vote");
        bob.get("/stream").await.shows(POLL);
    })
    .await;
}

/// A plugin that adds a field to the composer and makes nothing of it.
struct Useless(Manifest, Vec<FieldProblem>);

#[async_trait::async_trait]
impl Plugin for Useless {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[Hook] {
        &[Hook::Composer]
    }

    fn sha256(&self) -> &'static str {
        "useless"
    }

    fn files(&self) -> &Files {
        static NONE: LazyLock<Files> = LazyLock::new(Files::default);
        &NONE
    }

    async fn render(&self, _: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        Err(PluginError::NoHook(Hook::TextRenderer))
    }

    async fn compose(&self, _: Caller, _: &str, form: Pairs) -> Result<Composed, PluginError> {
        if form.iter().any(|(_, value)| value == "crash") {
            return Err(PluginError::Trap("unreachable".into()));
        }
        Ok(Composed::Invalid(self.1.clone()))
    }
}

#[tokio::test]
async fn what_a_plugin_cannot_make_and_has_no_words_for_is_not_posted_without_it() {
    const MANIFEST: &str = "[plugin]\nid='test.useless'\nslug='useless'\nname='U'\nversion='1.0.0'\nlicense='MIT'\n\
        api='0.1'\n[hooks.composer]\n[[composer]]\nid='one'\nlabel='l'\nfields=[{name='word',type='text',label='w'}]\n";
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let plugin = Arc::new(Useless(Manifest::parse(MANIFEST).unwrap(), Vec::new()));
        pods.left.pod.plugins.replace(9, vec![Enabled::new(plugin, Grants::default())]);
        for word in ["crash", "anything"] {
            let fields = [
                ("status_message[text]", "my words"),
                ("audience", "public"),
                ("x[useless][one][word]", word),
            ];
            let refused = alice.post("/status_messages", &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            for kept in ["my words", word, "This could not be made"] {
                assert!(refused.text().contains(kept), "{kept} after {word}");
            }
        }
        assert_eq!(pods.left.pod.count(sql("SELECT COUNT(*) FROM posts")).await, 0);
    })
    .await;
}
