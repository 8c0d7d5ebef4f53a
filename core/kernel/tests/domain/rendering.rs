use crate::{page, publish, publish_to};
use pappus_kernel::{
    plugin::{
        Audience as Sees, Enabled, Files, Hook, Manifest, Plugin, PluginError, RenderSource, RenderedText,
        registry::Grants,
    },
    post::{self, Audience},
    relayable::comment::{self, CommentText},
    sql,
    stream::Stream,
    testing::{TestPod, on_both},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Makes everything bold, counts, and adds what a bad renderer would.
struct Bold {
    manifest: Manifest,
    seen: AtomicUsize,
    sha256: &'static str,
}

#[async_trait::async_trait]
impl Plugin for Bold {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[Hook] {
        &[Hook::TextRenderer]
    }

    fn sha256(&self) -> &str {
        self.sha256
    }

    fn files(&self) -> &Files {
        static NONE: std::sync::LazyLock<Files> = std::sync::LazyLock::new(Files::default);
        &NONE
    }

    async fn render(&self, sources: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        self.seen.fetch_add(sources.len(), Ordering::Relaxed);
        if sources.iter().any(|source| source.text.contains("trap")) {
            return Err(PluginError::Trap("unreachable".into()));
        }
        let bold = |source: &RenderSource| RenderedText {
            html: format!(
                "<b>{}</b><script>1</script><img src=\"https://evil.test/{}\">\
                 <pod-mention handle=\"bob@pod.test\">B</pod-mention>",
                source.text,
                source.text.len()
            ),
            ..RenderedText::default()
        };
        Ok(sources.iter().map(bold).collect())
    }
}

fn bold(sha256: &'static str) -> Arc<Bold> {
    let manifest = "[plugin]\nid='test.bold'\nslug='bold'\nname='B'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n\
                    [hooks.text-renderer]\n";
    Arc::new(Bold { manifest: Manifest::parse(manifest).unwrap(), seen: AtomicUsize::new(0), sha256 })
}

fn switch_on(pod: &TestPod, generation: i64, plugin: &Arc<Bold>, sees: Sees) {
    let grants = Grants { hooks: [(Hook::TextRenderer, sees)].into(), ..Grants::default() };
    pod.plugins.replace(generation, vec![Enabled::new(plugin.clone(), grants)]);
}

#[tokio::test]
async fn a_text_is_rendered_once_sanitised_and_kept_until_the_renderer_changes() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hi #tag", Audience::Public).await;
        let words = CommentText::try_from("hey @{bob@pod.test}".to_owned()).unwrap();
        comment::create(&pod, bob.owner, &post.guid, words).await.unwrap();
        let html = async || page(&pod, alice.viewer(), Stream::Public).await.items.remove(0).html;
        assert_eq!(html().await, "<p>hi <a class=\"tag\" href=\"/tags/tag\">#tag</a></p>");

        let first = bold("one");
        switch_on(&pod, 1, &first, Sees::AllText);
        for _ in 0..3 {
            // neither the script, nor an image of the renderer's own, nor a mention that the author did not write
            assert_eq!(html().await, "<b>hi #tag</b>B");
        }
        assert_eq!(first.seen.load(Ordering::Relaxed), 2, "a post and a comment");
        let shown = post::show(&pod, alice.viewer(), &post.guid).await.unwrap().item;
        let bobs = format!(
            "<a class=\"mention\" href=\"/people/{}\" title=\"bob@pod.test\">bob@pod.test</a>",
            bob.guid
        );
        assert_eq!(shown.comments[0].html, format!("<b>hey @{{bob@pod.test}}</b>{bobs}"));
        assert_eq!(first.seen.load(Ordering::Relaxed), 2);

        let second = bold("two");
        switch_on(&pod, 2, &second, Sees::AllText);
        html().await;
        assert_eq!(second.seen.load(Ordering::Relaxed), 2);
        pod.plugins.replace(3, vec![]);
        assert_eq!(html().await, "<p>hi <a class=\"tag\" href=\"/tags/tag\">#tag</a></p>");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM rendered_posts")).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_renderer_that_fails_costs_the_markup_and_nothing_is_kept() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        publish(&pod, &alice, "a <trap>", Audience::Public).await;
        switch_on(&pod, 1, &bold("one"), Sees::AllText);
        let html = page(&pod, alice.viewer(), Stream::Public).await.items.remove(0).html;
        assert_eq!(html, "<p>a &lt;trap&gt;</p>");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM rendered_posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_limited_text_stays_away_from_a_renderer_that_was_granted_public_ones() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let friends = pod.aspect(&alice, "friends").await;
        publish_to(&pod, &alice, "secret", &[friends]).await;
        let renderer = bold("one");
        switch_on(&pod, 1, &renderer, Sees::Public);
        let html = page(&pod, alice.viewer(), Stream::Home).await.items.remove(0).html;
        assert_eq!((html.as_str(), renderer.seen.load(Ordering::Relaxed)), ("<p>secret</p>", 0));
    })
    .await;
}

#[tokio::test]
async fn what_was_rendered_goes_with_its_post() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let post = publish(&pod, &alice, "hi", Audience::Public).await;
        switch_on(&pod, 1, &bold("one"), Sees::AllText);
        page(&pod, alice.viewer(), Stream::Public).await;
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM rendered_posts")).await, 1);
        post::retract(&pod, alice.owner, &post.guid).await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM rendered_posts")).await, 0);
    })
    .await;
}
