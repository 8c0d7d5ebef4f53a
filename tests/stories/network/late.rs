//! Pods that came late to a post, through a reshare: what was said before, they fetch from where it is at home as soon
//! as somebody looks. Whatever stands below it there stands below it here, once, and nothing that nobody said.
use super::{
    Model, Network, SECOND,
    compare::{COMMENTS, COUNTERS, LIKES, rows, sql},
    model::Child,
};
use pappus_kernel::{db::Sql, id::PostId, inbox};
use pappus_tests::Running;
use std::collections::{BTreeMap, BTreeSet};

const NAMED: Sql = sql("SELECT id FROM posts WHERE guid = $1");

impl Network {
    /// Somebody looks at each post that came late, and their pod asks for its thread again.
    pub async fn look_at_late_posts(&self) {
        for (number, pod) in self.pods.iter().enumerate() {
            for at in self.model.late(number) {
                let mut conn = pod.pod.db.read().await.unwrap();
                let found =
                    conn.query(NAMED).bind(&self.model.posts[at].guid).scalar::<PostId>().await.unwrap();
                drop(conn);
                if let Some(post) = found {
                    inbox::refresh_thread(&pod.pod, post).await.unwrap();
                }
            }
        }
        // a pod asks another one for so much in a minute
        for _ in 0..30 {
            self.settle().await;
            self.clock.advance(SECOND * 120);
        }
        self.settle().await;
    }
}

/// What stands below one post.
#[derive(Clone, Default)]
struct Below {
    comments: BTreeSet<String>,
    likes: BTreeSet<String>,
}

/// By the guid of the post.
async fn below_each(wrong: &mut Vec<String>, number: usize, pod: &Running) -> BTreeMap<String, Below> {
    let mut there: BTreeMap<String, Below> = BTreeMap::new();
    for (sql, is_like) in [(COMMENTS, false), (LIKES, true)] {
        for row in rows(pod, sql).await {
            let [child, post] = row.split(' ').take(2).collect::<Vec<_>>()[..] else { panic!("{row}") };
            let below = there.entry(post.to_owned()).or_default();
            let which = if is_like { &mut below.likes } else { &mut below.comments };
            if !which.insert(child.to_owned()) {
                wrong.push(format!("twice on pod {number}: {child}"));
            }
        }
    }
    there
}

impl Model {
    /// The posts that a pod came late to.
    pub fn late(&self, pod: usize) -> Vec<usize> {
        (0..self.posts.len()).filter(|at| !self.posts[*at].gone && self.came_late(*at, pod)).collect()
    }

    /// What stands below posts that this pod came late to. Something that was taken back before the pod could be
    /// told so may be left.
    pub async fn late_threads_are_whole(&self, wrong: &mut Vec<String>, number: usize, pod: &Running) {
        let there = below_each(wrong, number, pod).await;
        let counters: Vec<String> = rows(pod, COUNTERS).await;
        let counters: BTreeMap<&str, &str> = counters.iter().filter_map(|row| row.split_once(' ')).collect();
        for at in self.late(number) {
            let guid = &self.posts[at].guid;
            let Some(counted) = counters.get(guid.as_str()) else { continue };
            let Below { comments, likes } = there.get(guid).cloned().unwrap_or_default();
            if *counted != format!("{} {}", comments.len(), likes.len()) {
                wrong.push(format!("counters of the late post {guid} on pod {number}: {counted}"));
            }
            let said = self.children.iter().filter(|child| child.post == at);
            let said: BTreeSet<&str> = said.map(|child| child.guid.as_str()).collect();
            let all: BTreeSet<&str> = comments.iter().chain(&likes).map(String::as_str).collect();
            for child in all.difference(&said) {
                wrong.push(format!("below the late post {guid} on pod {number}: too many: {child}"));
            }
            let along = self.below(at, number).filter(|_| self.came_with_its_author(at, number));
            let along = along.map(|child| child.guid.as_str());
            for child in self.whole(at).chain(along).filter(|child| !all.contains(child)) {
                wrong.push(format!("below the late post {guid} on pod {number}: missing: {child}"));
            }
        }
    }

    /// What the pod where a public post is at home has below it for certain, and so everybody who asks it. Where the
    /// author moved, who knows of that asks the new pod, and others the old one; and what somebody said there before
    /// they moved away, their old pod can sign for nobody any more.
    fn whole(&self, at: usize) -> impl Iterator<Item = &str> {
        let author = self.posts[at].author;
        let certain = self.posts[at].readers.is_none()
            && !self.has_moved(author)
            && !self.came_late(at, self.home(author));
        let signed = move |child: &&Child| certain && !(child.early && self.has_moved(child.author));
        self.below(at, self.home(author)).filter(signed).map(|child| child.guid.as_str())
    }
}
