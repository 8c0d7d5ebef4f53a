//! The model against what each pod's database and each member's pages hold.
use super::{
    Member, Model,
    model::{Child, Who},
};
use pappus_kernel::{Pod, db::Sql, post};
use pappus_tests::Running;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

// somebody's claim to a guid that is not theirs makes them no less of a person: what they say in their own name is
// theirs to say
const POSTS: Sql = sql("SELECT p.guid || ' ' || p.text FROM posts p JOIN people w ON w.id = p.author_id
     WHERE w.diaspora_id <> 'thief@liar.test' ORDER BY 1");
pub(super) const COMMENTS: Sql = sql(
    "SELECT c.guid || ' ' || p.guid || ' ' || c.text FROM comments c JOIN posts p ON p.id = c.post_id ORDER BY 1",
);
pub(super) const LIKES: Sql =
    sql("SELECT l.guid || ' ' || p.guid FROM likes l JOIN posts p ON p.id = l.post_id ORDER BY 1");
pub(super) const COUNTERS: Sql = sql("SELECT p.guid || ' ' || p.comments_count || ' ' || p.likes_count
     FROM posts p JOIN people w ON w.id = p.author_id WHERE w.diaspora_id <> 'thief@liar.test'");
const AUTHORS: Sql = sql("SELECT x.guid || ' ' || w.diaspora_id FROM (
       SELECT guid, author_id FROM posts UNION ALL SELECT guid, author_id FROM comments
       UNION ALL SELECT guid, author_id FROM likes) x JOIN people w ON w.id = x.author_id");
const CONTACTS: Sql = sql("SELECT me.diaspora_id || ' ' || w.diaspora_id
            || ' shares ' || CASE WHEN c.receiving THEN 'yes' ELSE 'no' END
            || ' is shared with ' || CASE WHEN c.sharing THEN 'yes' ELSE 'no' END
     FROM contacts c JOIN users u ON u.id = c.user_id JOIN people me ON me.id = u.person_id
     JOIN people w ON w.id = c.person_id");
const MEMBERSHIPS: Sql = sql("SELECT me.diaspora_id || ' ' || w.diaspora_id || ' ' || a.name
     FROM aspect_memberships m JOIN aspects a ON a.id = m.aspect_id JOIN contacts c ON c.id = m.contact_id
     JOIN users u ON u.id = c.user_id JOIN people me ON me.id = u.person_id
     JOIN people w ON w.id = c.person_id");
const PEOPLE: Sql =
    sql("SELECT w.diaspora_id || ' ' || CASE WHEN w.closed_at IS NULL THEN 'open' ELSE 'closed' END
            || ' ' || COALESCE(n.diaspora_id, '-')
     FROM people w LEFT JOIN people n ON n.id = w.moved_to_id");
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

pub(super) const fn sql(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text, at: "the network" }
}

impl Model {
    /// Compares all of it with what is there.
    pub async fn says(&self, pods: &[Running], members: &[Member]) {
        let mut wrong = Vec::new();
        for (number, pod) in pods.iter().enumerate().take(self.pods) {
            self.posts_are_there(&mut wrong, number, pod).await;
            self.children_are_there(&mut wrong, number, pod).await;
            self.authors_are_who_they_are(&mut wrong, members, number, pod).await;
            self.contacts_are_there(&mut wrong, members, number, pod).await;
            self.movers_have_moved(&mut wrong, members, number, pod).await;
            compare(&mut wrong, &format!("strangers on pod {number}"), vec![], rows(pod, STRANGERS).await);
            let waiting = rows(pod, WAITING).await;
            compare(&mut wrong, &format!("deliveries left on pod {number}"), vec![], waiting);
        }
        for (who, member) in members.iter().enumerate() {
            self.reads_exactly(&mut wrong, who, member, &pods[self.home(who)]).await;
        }
        if !wrong.is_empty() {
            let history = self.histories(&wrong, pods).await;
            panic!("{} things are wrong:\n{}\n{history}", wrong.len(), wrong.join("\n"));
        }
    }

    /// What a pod holds for certain.
    pub fn here(&self, pod: usize) -> impl Iterator<Item = usize> {
        (0..self.posts.len()).filter(move |at| !self.posts[*at].gone && self.holders(*at).contains(&pod))
    }

    fn guids(&self, which: impl Fn(usize) -> bool) -> BTreeSet<&str> {
        (0..self.posts.len()).filter(|at| which(*at)).map(|at| self.posts[at].guid.as_str()).collect()
    }

    async fn posts_are_there(&self, wrong: &mut Vec<String>, number: usize, pod: &Running) {
        let unsure = self.guids(|at| self.may_hold(at, number));
        let should = self.here(number).map(|at| format!("{} {}", self.posts[at].guid, self.posts[at].text));
        let is = but(rows(pod, POSTS).await, 0, &unsure);
        compare(wrong, &format!("posts of pod {number}"), should.collect(), is);
    }

    async fn children_are_there(&self, wrong: &mut Vec<String>, number: usize, pod: &Running) {
        let late = self.guids(|at| self.came_late(at, number));
        let (mut comments, mut likes, mut counters) = (Vec::new(), Vec::new(), Vec::new());
        for at in self.here(number).filter(|at| !late.contains(self.posts[*at].guid.as_str())) {
            let above = &self.posts[at].guid;
            let below: Vec<&Child> = self.below(at, number).collect();
            let texts = below.iter().filter(|child| child.text.is_some()).count();
            counters.push(format!("{above} {texts} {}", below.len() - texts));
            for child in below {
                match &child.text {
                    Some(text) => comments.push(format!("{} {above} {text}", child.guid)),
                    None => likes.push(format!("{} {above}", child.guid)),
                }
            }
        }
        let is = but(rows(pod, COMMENTS).await, 1, &late);
        compare(wrong, &format!("comments of pod {number}"), comments, is);
        let is = but(rows(pod, LIKES).await, 1, &late);
        compare(wrong, &format!("likes of pod {number}"), likes, is);
        let is = but(rows(pod, COUNTERS).await, 0, &late);
        compare(wrong, &format!("counters of pod {number}"), counters, is);
        self.late_threads_are_whole(wrong, number, pod).await;
    }

    /// What hangs on a post of a pod that is told everything, or knows it from an archive.
    pub fn below(&self, at: usize, pod: usize) -> impl Iterator<Item = &Child> {
        let post = &self.posts[at];
        let alone = self.came_with_its_author(at, pod);
        let is = move |child: &&Child| {
            child.post == at && !child.gone && !(alone && child.early && child.author != post.author)
        };
        self.children.iter().filter(is)
    }

    /// What somebody wrote before they moved is theirs afterwards, where the move is known.
    async fn authors_are_who_they_are(
        &self,
        wrong: &mut Vec<String>,
        members: &[Member],
        number: usize,
        pod: &Running,
    ) {
        let posts = self.posts.iter().map(|post| (&post.guid, post.author));
        let all: BTreeMap<&str, Who> = posts
            .chain(self.children.iter().map(|child| (&child.guid, child.author)))
            .map(|(guid, author)| (guid.as_str(), author))
            .collect();
        for row in rows(pod, AUTHORS).await {
            let Some((guid, is)) = row.split_once(' ') else { continue };
            let Some(who) = all.get(guid) else { continue };
            if self.knows_of(*who, number) && members[*who].diaspora_id != is {
                let should = &members[*who].diaspora_id;
                wrong.push(format!("author on pod {number}: {guid} is of {is}, not of {should}"));
            }
        }
    }

    /// Who shares with whom, and in which aspect; nothing is left of the accounts that moved away.
    async fn contacts_are_there(
        &self,
        wrong: &mut Vec<String>,
        members: &[Member],
        number: usize,
        pod: &Running,
    ) {
        let (mut contacts, mut aspects) = (Vec::new(), Vec::new());
        for who in self.members().filter(|who| self.home(*who) == number) {
            let me = &members[who];
            for other in self.members().filter(|other| self.are_contacts(who, *other)) {
                let flag = |is| if is { "yes" } else { "no" };
                let (mine, theirs) = (flag(self.shares(who, other)), flag(self.shares(other, who)));
                let id = &members[other].diaspora_id;
                contacts.push(format!("{} {id} shares {mine} is shared with {theirs}", me.diaspora_id));
                for (aspect, name) in self.aspects[who].iter().zip(&me.aspect_names) {
                    if aspect.contains(&other) {
                        aspects.push(format!("{} {id} {name}", me.diaspora_id));
                    }
                }
            }
        }
        compare(wrong, &format!("contacts on pod {number}"), contacts, rows(pod, CONTACTS).await);
        compare(wrong, &format!("aspects on pod {number}"), aspects, rows(pod, MEMBERSHIPS).await);
    }

    /// Where a move is known, the old identity is closed and leads to where its owner is now; nobody else is.
    async fn movers_have_moved(
        &self,
        wrong: &mut Vec<String>,
        members: &[Member],
        number: usize,
        pod: &Running,
    ) {
        for row in rows(pod, PEOPLE).await {
            let [id, state, now] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let Some((_, who)) = self.closed.iter().find(|(old, _)| old == id) else {
                if state != "open" {
                    wrong.push(format!("people on pod {number}: {row}"));
                }
                continue;
            };
            let last = self.closed.iter().rfind(|(_, one)| one == who).is_some_and(|(old, _)| old == id);
            // the pod of a second move hears of it alone
            let knows = self.knows_of(*who, number) && (last || self.home(*who) != number);
            if knows && (state, now) != ("closed", members[*who].diaspora_id.as_str()) {
                wrong.push(format!("people on pod {number}: {row}, not {}", members[*who].diaspora_id));
            }
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
            // who moved meanwhile may have left it behind
            let unsure = post.stirred && post.readers.is_some() && self.movers.contains(&who);
            if self.may_hold(at, self.home(who)) || unsure {
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

/// Without the rows that name one of these in that column.
fn but(mut rows: Vec<String>, column: usize, guids: &BTreeSet<&str>) -> Vec<String> {
    rows.retain(|row| !row.split(' ').nth(column).is_some_and(|guid| guids.contains(guid)));
    rows
}

pub(super) async fn rows(pod: &Running, sql: Sql) -> Vec<String> {
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
