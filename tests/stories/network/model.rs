//! What should be where, kept beside the pods: who shares with whom, what was said to whom, what was taken
//! back. `says` compares it with what each pod's database and each member's pages hold.
use super::{Dice, Member, NAMES};
use pappus_kernel::{Pod, db::Sql, post};
use pappus_tests::Running;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// A member, by number.
pub type Who = usize;

struct Post {
    guid: String,
    author: Who,
    text: String,
    /// Of a limited one, its author included.
    readers: Option<BTreeSet<Who>>,
    /// What it passes on.
    root: Option<usize>,
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
    pub reshares: usize,
    pub children: usize,
    pub gone: usize,
    #[allow(dead_code, reason = "printed with the rest")]
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

// somebody's claim to a guid that is not theirs makes them no less of a person: what they say in their own name is
// theirs to say
const POSTS: Sql = sql("SELECT p.guid || ' ' || p.text FROM posts p JOIN people w ON w.id = p.author_id
     WHERE w.diaspora_id <> 'thief@liar.test' ORDER BY 1");
const COMMENTS: Sql = sql(
    "SELECT c.guid || ' ' || p.guid || ' ' || c.text FROM comments c JOIN posts p ON p.id = c.post_id ORDER BY 1",
);
const LIKES: Sql =
    sql("SELECT l.guid || ' ' || p.guid FROM likes l JOIN posts p ON p.id = l.post_id ORDER BY 1");
const COUNTERS: Sql = sql("SELECT p.guid || ' ' || p.comments_count || ' ' || p.likes_count
     FROM posts p JOIN people w ON w.id = p.author_id WHERE w.diaspora_id <> 'thief@liar.test'");
const STRANGERS: Sql = sql("SELECT diaspora_id FROM people WHERE diaspora_id LIKE '%@liar.test'
       AND diaspora_id NOT IN ('eve@liar.test', 'thief@liar.test')");
const WAITING: Sql = sql("SELECT CAST(id AS TEXT) FROM deliveries");

const GIVEN_UP: Sql = sql(
    "SELECT kind || ': ' || COALESCE(last_error, '') FROM jobs WHERE state NOT IN ('waiting', 'running')",
);
const EVENTS: Sql = sql(
    "SELECT at || ' ' || direction || ' ' || entity || ' ' || guid || ' ' || host || ' ' || result || ' ' || COALESCE(reason, '')
     FROM federation_events WHERE guid = $1 ORDER BY id",
);

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
            reshares: self.posts.iter().filter(|post| post.root.is_some()).count(),
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
        self.posts.push(Post { guid, author, text, readers, root: None, gone: false });
    }

    pub fn reshared(&mut self, root: usize, author: Who, guid: String) {
        let root = self.posts[root].root.unwrap_or(root);
        self.posts.push(Post {
            guid,
            author,
            text: String::new(),
            readers: None,
            root: Some(root),
            gone: false,
        });
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
        let readable: Vec<usize> = (0..self.posts.len()).filter(|post| self.reads(who, *post)).collect();
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

    /// A public post of somebody else that this member has never passed on.
    pub fn to_reshare(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let (post, guid) = self.readable(dice, who)?;
        let root = self.posts[post].root.unwrap_or(post);
        let (it, again) = (&self.posts[root], |one: &Post| one.root == Some(root) && one.author == who);
        let fine = it.readers.is_none() && it.author != who && !it.gone && !self.posts.iter().any(again);
        fine.then_some((root, guid))
    }

    /// Whether somebody ever passed it on: then it stays, for who has the reshare and not yet its root would
    /// wait for it in vain.
    fn is_root(&self, post: usize) -> bool {
        self.posts.iter().any(|one| one.root == Some(post))
    }

    pub fn post_of(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let mine =
            |post: &usize| self.posts[*post].author == who && !self.posts[*post].gone && !self.is_root(*post);
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

    fn reads(&self, who: Who, at: usize) -> bool {
        let post = &self.posts[at];
        !post.gone
            && match &post.readers {
                Some(readers) => readers.contains(&who),
                None => self.holders(at).contains(&Self::pod_of(who)),
            }
    }

    /// The pods that are sent a post: of its readers, or of the author's contacts in either direction; a
    /// reshare comes to its root's author too.
    fn told(&self, at: usize) -> BTreeSet<usize> {
        let post = &self.posts[at];
        let shares = |who: Who, whom: Who| self.aspects[who].iter().any(|aspect| aspect.contains(&whom));
        let root_author = post.root.map(|root| self.posts[root].author);
        let near = |who: &Who| match &post.readers {
            Some(readers) => readers.contains(who),
            None => {
                *who == post.author
                    || shares(*who, post.author)
                    || shares(post.author, *who)
                    || root_author == Some(*who)
            }
        };
        (0..self.aspects.len()).filter(near).map(Self::pod_of).collect()
    }

    /// Those, and the pods that fetched it because somebody passed it on.
    fn holders(&self, at: usize) -> BTreeSet<usize> {
        let mut holders = self.told(at);
        for reshare in self.reshares(at, false) {
            holders.extend(self.told(reshare));
        }
        holders
    }

    fn reshares(&self, root: usize, gone: bool) -> impl Iterator<Item = usize> {
        let is = move |at: &usize| self.posts[*at].root == Some(root) && self.posts[*at].gone == gone;
        (0..self.posts.len()).filter(is)
    }

    /// Whether a pod may hold a post or not, since it was to fetch it for a reshare that was taken back.
    fn may_hold(&self, at: usize, pod: usize) -> bool {
        !self.holders(at).contains(&pod)
            && self.reshares(at, true).any(|reshare| self.told(reshare).contains(&pod))
    }

    /// Whether a pod came late to a post: of what was said before that, it has what its home pod gives out.
    fn came_late(&self, at: usize, pod: usize) -> bool {
        !self.told(at).contains(&pod) && (self.holders(at).contains(&pod) || self.may_hold(at, pod))
    }

    /// Compares all of it with what is there.
    pub async fn says(&self, pods: &[Running], members: &[Member]) {
        let mut wrong = Vec::new();
        for (number, pod) in pods.iter().enumerate().take(self.pods) {
            let here: Vec<usize> = (0..self.posts.len())
                .filter(|at| !self.posts[*at].gone && self.holders(*at).contains(&number))
                .collect();
            let late: BTreeSet<&str> = (0..self.posts.len())
                .filter(|at| self.came_late(*at, number))
                .map(|at| self.posts[at].guid.as_str())
                .collect();
            let unsure: BTreeSet<&str> = (0..self.posts.len())
                .filter(|at| self.may_hold(*at, number))
                .map(|at| self.posts[at].guid.as_str())
                .collect();
            let there = async |sql: Sql, column: usize, but: &BTreeSet<&str>| {
                let mut rows = rows(pod, sql).await;
                rows.retain(|row| !row.split(' ').nth(column).is_some_and(|guid| but.contains(guid)));
                rows
            };
            let posts =
                here.iter().map(|at| format!("{} {}", self.posts[*at].guid, self.posts[*at].text)).collect();
            compare(&mut wrong, &format!("posts of pod {number}"), posts, there(POSTS, 0, &unsure).await);
            let (mut comments, mut likes, mut counters) = (Vec::new(), Vec::new(), Vec::new());
            for at in here.iter().filter(|at| !late.contains(self.posts[**at].guid.as_str())) {
                let above = &self.posts[*at].guid;
                let below: Vec<&Child> =
                    self.children.iter().filter(|child| child.post == *at && !child.gone).collect();
                let texts = below.iter().filter(|child| child.text.is_some()).count();
                counters.push(format!("{above} {texts} {}", below.len() - texts));
                for child in below {
                    match &child.text {
                        Some(text) => comments.push(format!("{} {above} {text}", child.guid)),
                        None => likes.push(format!("{} {above}", child.guid)),
                    }
                }
            }
            compare(
                &mut wrong,
                &format!("comments of pod {number}"),
                comments,
                there(COMMENTS, 1, &late).await,
            );
            compare(&mut wrong, &format!("likes of pod {number}"), likes, there(LIKES, 1, &late).await);
            compare(
                &mut wrong,
                &format!("counters of pod {number}"),
                counters,
                there(COUNTERS, 0, &late).await,
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
        if !wrong.is_empty() {
            let history = self.histories(&wrong, pods).await;
            panic!("{} things are wrong:\n{}\n{history}", wrong.len(), wrong.join("\n"));
        }
    }

    /// What each pod noted about the first few things that are wrong, and the jobs that it gave up.
    async fn histories(&self, wrong: &[String], pods: &[Running]) -> String {
        let mut guids: Vec<&str> =
            wrong.iter().flat_map(|line| line.split(' ')).filter(|w| w.len() == 32).collect();
        guids.sort_unstable();
        guids.dedup();
        let mut text = String::new();
        for guid in guids.into_iter().take(6) {
            for (at, post) in self.posts.iter().enumerate().filter(|(_, post)| post.guid == guid) {
                let (author, gone) = (post.author, post.gone);
                let root = post.root.map(|root| self.posts[root].guid.as_str());
                let reshares: Vec<_> =
                    (0..self.posts.len()).filter(|one| self.posts[*one].root == Some(at)).collect();
                let reshares: Vec<_> =
                    reshares.iter().map(|at| (&self.posts[*at].guid, self.posts[*at].gone)).collect();
                let _ = writeln!(
                    text,
                    "post {guid}: author {author}, gone {gone}, root {root:?}, reshares {reshares:?}, told {:?}, held {:?}",
                    self.told(at),
                    self.holders(at)
                );
            }
            for (number, pod) in pods.iter().enumerate() {
                for event in events(&pod.pod, guid).await {
                    let _ = writeln!(text, "pod {number}: {event}");
                }
            }
        }
        for (number, pod) in pods.iter().enumerate() {
            for job in rows(pod, GIVEN_UP).await {
                let _ = writeln!(text, "pod {number} gave up {job}");
            }
        }
        text
    }

    /// Each post that there ever was, as this member may read it.
    async fn reads_exactly(&self, wrong: &mut Vec<String>, who: Who, member: &Member, pod: &Running) {
        let mut conn = pod.pod.db.read().await.unwrap();
        for (at, post) in self.posts.iter().enumerate() {
            if self.may_hold(at, Self::pod_of(who)) {
                continue;
            }
            let found = post::find_readable(&mut conn, member.owner.into(), &post.guid).await.unwrap();
            if found.is_some() != self.reads(who, at) {
                let (name, reads) = (&member.diaspora_id, found.is_some());
                wrong.push(format!("{name} reads {} ({}): {reads}", post.guid, post.text));
            }
        }
    }
}

async fn rows(pod: &Running, sql: Sql) -> Vec<String> {
    pod.pod.db.read().await.unwrap().query(sql).scalars().await.unwrap()
}

async fn events(pod: &Pod, guid: &str) -> Vec<String> {
    pod.db.read().await.unwrap().query(EVENTS).bind(guid).scalars().await.unwrap()
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
