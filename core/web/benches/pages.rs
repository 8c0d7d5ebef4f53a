//! What a page costs from its typed context to its HTML: `cargo bench -p pappus-web`.
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pappus_web::{
    locale::Lang,
    theme::{
        Theme,
        contract::{
            Chrome, Page,
            entry::SignInPage,
            stream::{Composer, PostPage, StreamKind, StreamPage},
            views::{CommentView, CommentsView, PersonView, PostView},
        },
    },
};

/// The sample post under a guid of its own, by an author of its own, with three comments.
fn post(at: usize) -> PostView {
    let comment = |number: usize| CommentView {
        guid: format!("{at:0>16}{number:0>16}"),
        likes: number as u64,
        ..CommentView::sample("Tomas", "<p>Me please! Two bunches.</p>")
    };
    PostView {
        author: PersonView::sample("Jun Park", &format!("jun{at}@elsewhere.example")),
        comments: CommentsView { total: 3, shown: (0..3).map(comment).collect(), part: None },
        liked_guid: None,
        ..PostView::sample(&format!("{at}x"))
    }
}

fn stream() -> StreamPage {
    StreamPage {
        kind: StreamKind::Mine,
        aspect_names: vec![],
        composer: Composer::samples().into_iter().next(),
        posts: (0..20).map(post).collect(),
        older: Some("/stream?before=1-1".into()),
    }
}

fn render<P: Page>(criterion: &mut Criterion, name: &str, chrome: &Chrome, page: &P) {
    let theme = Theme::bundled("seedhead").expect("a bundled theme is sound");
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| theme.render(black_box(chrome), black_box(page)).expect("a sample renders"));
    });
    assert_eq!(theme.incidents(), 0, "{name} was rendered by the core");
}

fn pages(criterion: &mut Criterion) {
    let chromes = Chrome::samples(Lang::En);
    let (Some(visitor), Some(member)) = (chromes.first(), chromes.last()) else { return };
    render(criterion, "stream, 20 posts with 3 comments each", member, &stream());
    render(criterion, "one post", visitor, &PostPage { post: post(1), likers: vec![], unread: false });
    for page in SignInPage::samples().iter().take(1) {
        render(criterion, "sign-in page", visitor, page);
    }
}

criterion_group!(benches, pages);
criterion_main!(benches);
