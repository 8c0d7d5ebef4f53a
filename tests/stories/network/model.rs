//! What should be where, kept beside the pods: who shares with whom, what was said to whom, what was taken
//! back. `says` compares it with what each pod's database and each member's pages hold.
use super::{Dice, Member, NAMES};
use pappus_kernel::{db::Sql, post};
use pappus_tests::Running;
use std::collections::{BTreeMap, BTreeSet};

/// A member, by number.
pub type Who = usize;

struct Post {
    guid: String,
    author: Who,
    text: String,
    /// Of a limited one, its author included.
    readers: Option<BTreeSet<Who>>,
    gone: bool,
}

struct Child {
    guid: String,
    post: usize,
    author: Who,
    /// None for a like.
    text: Option<String>,
    gone: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub posts: usize,
    pub limited: usize,
    pub children: usize,
    pub gone: usize,
    pub too_early: usize,
}

pub struct Model {
    pods: usize,
    /// Whom somebody shares with, by their aspect.
    aspects: Vec<[BTreeSet<Who>; 2]>,
    posts: Vec<Post>,
    children: Vec<Child>,
    said: usize,
    too_early: usize,
}

const POSTS: Sql = sql("SELECT guid || ' ' || text FROM posts ORDER BY 1");
const COMMENTS: Sql = sql(
    "SELECT c.guid || ' ' || p.guid || ' ' || c.text FROM comments c JOIN posts p ON p.id = c.post_id ORDER BY 1",
);
const LIKES: Sql =
    sql("SELECT l.guid || ' ' || p.guid FROM likes l JOIN posts p ON p.id = l.post_id ORDER BY 1");
const COUNTERS: Sql = sql("SELECT guid || ' ' || comments_count || ' ' || likes_count FROM posts");
const STRANGERS: Sql = sql(
    "SELECT diaspora_id FROM people WHERE diaspora_id LIKE '%@liar.test' AND diaspora_id NOT LIKE 'eve@%'",
);
const WAITING: Sql = sql("SELECT CAST(id AS TEXT) FROM deliveries");

const fn sql(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text, at: "the network" }
}

impl Model {
    pub fn new(pods: usize, members: usize) -> Self {
        let aspects = (0..members).map(|_| [BTreeSet::new(), BTreeSet::new()]).collect();
        Self { pods, aspects, posts: Vec::new(), children: Vec::new(), said: 0, too_early: 0 }
    }

    pub const fn pod_of(who: Who) -> usize {
        who / NAMES.len()
    }

    /// A number for a text of its own.
    pub fn next(&mut self) -> usize {
        self.said += 1;
        self.said
    }

    pub fn tally(&self) -> Tally {
        let gone_posts = self.posts.iter().filter(|post| post.gone).count();
        Tally {
            posts: self.posts.len(),
            limited: self.posts.iter().filter(|post| post.readers.is_some()).count(),
            children: self.children.len(),
            gone: gone_posts + self.children.iter().filter(|child| child.gone).count(),
            too_early: self.too_early,
        }
    }

    // --- what happens ---

    pub fn shares(&mut self, who: Who, whom: Who, aspect: usize) {
        self.aspects[who][aspect].insert(whom);
    }

    pub fn published(&mut self, author: Who, guid: String, text: String, aspect: Option<usize>) {
        let readers = aspect.map(|aspect| {
            let mut readers = self.aspects[author][aspect].clone();
            readers.insert(author);
            readers
        });
        self.posts.push(Post { guid, author, text, readers, gone: false });
    }

    pub fn commented(&mut self, post: usize, author: Who, guid: String, text: String) {
        self.children.push(Child { guid, post, author, text: Some(text), gone: false });
    }

    pub fn liked(&mut self, post: usize, author: Who, guid: String) {
        self.children.push(Child { guid, post, author, text: None, gone: false });
    }

    pub fn likes(&self, post: usize, who: Who) -> bool {
        let is =
            |child: &Child| child.post == post && child.author == who && child.text.is_none() && !child.gone;
        self.children.iter().any(is)
    }

    pub fn post_gone(&mut self, post: usize) {
        self.posts[post].gone = true;
    }

    pub fn child_gone(&mut self, child: usize) {
        self.children[child].gone = true;
    }

    pub fn not_there_yet(&mut self) {
        self.too_early += 1;
    }

    // --- what can be done ---

    /// A post that somebody will be able to read; newer ones more often.
    pub fn readable(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let readable: Vec<usize> =
            (0..self.posts.len()).filter(|post| self.reads(who, &self.posts[*post])).collect();
        let latest = &readable[readable.len().saturating_sub(40)..];
        let post = *latest.get(dice.roll(latest.len()))?;
        Some((post, self.posts[post].guid.clone()))
    }

    /// A public post, for those who would like to take it back for its author.
    pub fn some_public(&self, dice: &mut Dice) -> Option<String> {
        let public: Vec<&Post> =
            self.posts.iter().filter(|post| post.readers.is_none() && !post.gone).collect();
        Some(public.get(dice.roll(public.len()))?.guid.clone())
    }

    pub fn post_of(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let mine = |post: &usize| self.posts[*post].author == who && !self.posts[*post].gone;
        let mine: Vec<usize> = (0..self.posts.len()).filter(mine).collect();
        let post = *mine.get(dice.roll(mine.len()))?;
        Some((post, self.posts[post].guid.clone()))
    }

    pub fn like_of(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let mine = |child: &Child| child.author == who && child.text.is_none();
        let child = self.some_child(dice, mine)?;
        Some((child, self.posts[self.children[child].post].guid.clone()))
    }

    pub fn comment_for(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let mine = |child: &Child| {
            child.text.is_some() && (child.author == who || self.posts[child.post].author == who)
        };
        let child = self.some_child(dice, mine)?;
        Some((child, self.children[child].guid.clone()))
    }

    fn some_child(&self, dice: &mut Dice, which: impl Fn(&Child) -> bool) -> Option<usize> {
        let alive = |child: &Child| !child.gone && !self.posts[child.post].gone;
        let found: Vec<usize> = (0..self.children.len())
            .filter(|at| alive(&self.children[*at]) && which(&self.children[*at]))
            .collect();
        found.get(dice.roll(found.len())).copied()
    }

    // --- what should be ---

    fn reads(&self, who: Who, post: &Post) -> bool {
        !post.gone
            && match &post.readers {
                Some(readers) => readers.contains(&who),
                None => self.holders(post).contains(&Self::pod_of(who)),
            }
    }

    /// The pods that hold a post: of its readers, or of the author's contacts in either direction.
    fn holders(&self, post: &Post) -> BTreeSet<usize> {
        let shares = |who: Who, whom: Who| self.aspects[who].iter().any(|aspect| aspect.contains(&whom));
        let near = |who: &Who| match &post.readers {
            Some(readers) => readers.contains(who),
            None => *who == post.author || shares(*who, post.author) || shares(post.author, *who),
        };
        (0..self.aspects.len()).filter(near).map(Self::pod_of).collect()
    }

    /// Compares all of it with what is there.
    pub async fn says(&self, pods: &[Running], members: &[Member]) {
        let mut wrong = Vec::new();
        for (number, pod) in pods.iter().enumerate().take(self.pods) {
            let here = |post: &Post| !post.gone && self.holders(post).contains(&number);
            let posts = self
                .posts
                .iter()
                .filter(|post| here(post))
                .map(|post| format!("{} {}", post.guid, post.text));
            compare(&mut wrong, &format!("posts of pod {number}"), posts.collect(), rows(pod, POSTS).await);
            let alive = self.children.iter().filter(|child| !child.gone && here(&self.posts[child.post]));
            let (mut comments, mut likes) = (Vec::new(), Vec::new());
            for child in alive {
                let above = &self.posts[child.post].guid;
                match &child.text {
                    Some(text) => comments.push(format!("{} {above} {text}", child.guid)),
                    None => likes.push(format!("{} {above}", child.guid)),
                }
            }
            compare(&mut wrong, &format!("comments of pod {number}"), comments, rows(pod, COMMENTS).await);
            compare(&mut wrong, &format!("likes of pod {number}"), likes, rows(pod, LIKES).await);
            let counted = self.posts.iter().enumerate().filter(|(_, post)| here(post)).map(|(at, post)| {
                let count = |is_text: bool| {
                    let below =
                        |child: &&Child| child.post == at && !child.gone && child.text.is_some() == is_text;
                    self.children.iter().filter(below).count()
                };
                format!("{} {} {}", post.guid, count(true), count(false))
            });
            compare(
                &mut wrong,
                &format!("counters of pod {number}"),
                counted.collect(),
                rows(pod, COUNTERS).await,
            );
            compare(&mut wrong, &format!("strangers on pod {number}"), vec![], rows(pod, STRANGERS).await);
            compare(
                &mut wrong,
                &format!("deliveries left on pod {number}"),
                vec![],
                rows(pod, WAITING).await,
            );
        }
        for (who, member) in members.iter().enumerate() {
            self.reads_exactly(&mut wrong, who, member, &pods[Self::pod_of(who)]).await;
        }
        assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    /// Each post that there ever was, as this member may read it.
    async fn reads_exactly(&self, wrong: &mut Vec<String>, who: Who, member: &Member, pod: &Running) {
        let mut conn = pod.pod.db.read().await.unwrap();
        for post in &self.posts {
            let found = post::find_readable(&mut conn, member.owner.into(), &post.guid).await.unwrap();
            if found.is_some() != self.reads(who, post) {
                let (name, reads) = (&member.diaspora_id, found.is_some());
                wrong.push(format!("{name} reads {} ({}): {reads}", post.guid, post.text));
            }
        }
    }
}

async fn rows(pod: &Running, sql: Sql) -> Vec<String> {
    pod.pod.db.read().await.unwrap().query(sql).scalars().await.unwrap()
}

fn compare(wrong: &mut Vec<String>, what: &str, should: Vec<String>, is: Vec<String>) {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for one in should {
        *counts.entry(one).or_default() += 1;
    }
    for one in is {
        *counts.entry(one).or_default() -= 1;
    }
    for (one, count) in counts.into_iter().filter(|(_, count)| *count != 0) {
        let how = if count > 0 { "missing" } else { "too many" };
        wrong.push(format!("{what}: {how}: {one}"));
    }
}
