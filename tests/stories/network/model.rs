//! What should be where, kept beside the pods: who shares with whom, what was said to whom, what was taken
//! back, who moved. `compare` holds it against the pods.
use super::{Dice, NAMES, settled::Settled};
use std::collections::BTreeSet;

/// A member, by number.
pub type Who = usize;

pub struct Post {
    pub guid: String,
    pub author: Who,
    pub text: String,
    /// Of a limited one, its author included.
    pub readers: Option<BTreeSet<Who>>,
    /// What it passes on.
    pub root: Option<usize>,
    pub gone: bool,
    /// Where it was when people moved; none if it was said afterwards.
    pub settled: Option<Settled>,
    /// Said, taken back or talked about while people moved.
    pub stirred: bool,
}

pub struct Child {
    pub guid: String,
    pub post: usize,
    pub author: Who,
    /// None for a like.
    pub text: Option<String>,
    pub gone: bool,
    /// Said before people began to move.
    pub early: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub posts: usize,
    pub limited: usize,
    pub reshares: usize,
    pub children: usize,
    pub gone: usize,
    pub moves: usize,
    /// What those who moved said from where they are now.
    pub by_movers: usize,
    /// Said below something that was there before the moves.
    pub below_old: usize,
    /// Posts on pods that know them from their author's archive.
    pub taken_in: usize,
    /// Posts on pods that came late to them.
    pub late: usize,
    /// Posts that were taken back after somebody had passed them on.
    pub gone_roots: usize,
    /// Posts said, taken back or talked about while people moved.
    pub stirred: usize,
    #[allow(dead_code, reason = "printed with the rest")]
    pub unsure: usize,
    #[allow(dead_code, reason = "printed with the rest")]
    pub too_early: usize,
}

pub struct Model {
    pub pods: usize,
    /// Whom somebody shares with, by their aspect.
    pub aspects: Vec<[BTreeSet<Who>; 2]>,
    pub posts: Vec<Post>,
    pub children: Vec<Child>,
    /// Each member's pods, the present one last.
    pub homes: Vec<Vec<usize>>,
    /// The members' identities that are closed, with whose they were.
    pub closed: Vec<(String, Who)>,
    /// Those who move, from when they begin to on.
    pub movers: BTreeSet<Who>,
    /// They are moving.
    pub stirring: bool,
    /// People have moved.
    pub later: bool,
    said: usize,
    too_early: usize,
}

impl Model {
    pub fn new(pods: usize, members: usize) -> Self {
        let aspects = (0..members).map(|_| [BTreeSet::new(), BTreeSet::new()]).collect();
        Self {
            pods,
            aspects,
            posts: Vec::new(),
            children: Vec::new(),
            homes: (0..members).map(|who| vec![who / NAMES.len()]).collect(),
            closed: Vec::new(),
            movers: BTreeSet::new(),
            stirring: false,
            later: false,
            said: 0,
            too_early: 0,
        }
    }

    pub fn home(&self, who: Who) -> usize {
        *self.homes[who].last().unwrap()
    }

    pub fn has_moved(&self, who: Who) -> bool {
        self.homes[who].len() > 1
    }

    /// A number for a text of its own.
    pub fn next(&mut self) -> usize {
        self.said += 1;
        self.said
    }

    pub fn tally(&self) -> Tally {
        let gone_posts = self.posts.iter().filter(|post| post.gone).count();
        let later = self.posts.iter().filter(|post| post.settled.is_none()).map(|post| post.author);
        let settled = self.posts.iter().filter_map(|post| post.settled.as_ref());
        let below = self.children.iter().filter(|child| !child.early);
        let later = later.chain(below.clone().map(|child| child.author));
        Tally {
            posts: self.posts.len(),
            limited: self.posts.iter().filter(|post| post.readers.is_some()).count(),
            reshares: self.posts.iter().filter(|post| post.root.is_some()).count(),
            children: self.children.len(),
            gone: gone_posts + self.children.iter().filter(|child| child.gone).count(),
            moves: self.homes.iter().map(|homes| homes.len() - 1).sum(),
            by_movers: later.filter(|who| self.has_moved(*who)).count(),
            late: (0..self.pods).map(|pod| self.late(pod).len()).sum(),
            gone_roots: (0..self.posts.len())
                .filter(|at| self.posts[*at].gone && self.posts.iter().any(|one| one.root == Some(*at)))
                .count(),
            stirred: self.posts.iter().filter(|post| post.stirred).count(),
            taken_in: settled.clone().map(|settled| settled.alone.len()).sum(),
            unsure: settled.map(|settled| settled.unsure.len()).sum(),
            below_old: below.filter(|child| self.posts[child.post].settled.is_some()).count(),
            too_early: self.too_early,
        }
    }

    // --- what happens ---

    pub fn begins_to_share(&mut self, who: Who, whom: Who, aspect: usize) {
        self.aspects[who][aspect].insert(whom);
    }

    pub fn published(&mut self, author: Who, guid: String, text: String, aspect: Option<usize>) {
        let readers = aspect.map(|aspect| {
            let mut readers = self.aspects[author][aspect].clone();
            readers.insert(author);
            readers
        });
        self.add(guid, author, text, readers, None);
    }

    pub fn reshared(&mut self, root: usize, author: Who, guid: String) {
        let root = self.posts[root].root.unwrap_or(root);
        self.add(guid, author, String::new(), None, Some(root));
    }

    fn add(
        &mut self,
        guid: String,
        author: Who,
        text: String,
        readers: Option<BTreeSet<Who>>,
        root: Option<usize>,
    ) {
        let stirred = self.stirring;
        self.posts.push(Post { guid, author, text, readers, root, gone: false, settled: None, stirred });
    }

    pub fn commented(&mut self, post: usize, author: Who, guid: String, text: String) {
        self.touched(post);
        self.children.push(Child { guid, post, author, text: Some(text), gone: false, early: !self.later });
    }

    pub fn liked(&mut self, post: usize, author: Who, guid: String) {
        self.touched(post);
        self.children.push(Child { guid, post, author, text: None, gone: false, early: !self.later });
    }

    pub fn likes(&self, post: usize, who: Who) -> bool {
        let is =
            |child: &Child| child.post == post && child.author == who && child.text.is_none() && !child.gone;
        self.children.iter().any(is)
    }

    pub fn post_gone(&mut self, post: usize) {
        self.touched(post);
        let it = &mut self.posts[post];
        it.gone = true;
        if let Some(settled) = &mut it.settled {
            settled.taken_back();
        }
    }

    pub fn child_gone(&mut self, child: usize) {
        self.touched(self.children[child].post);
        self.children[child].gone = true;
    }

    pub fn not_there_yet(&mut self) {
        self.too_early += 1;
    }

    // --- what can be done ---

    /// A post that somebody will be able to read; newer ones more often.
    pub fn readable(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let readable: Vec<usize> = (0..self.posts.len()).filter(|post| self.may_answer(who, *post)).collect();
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
        let fine = it.readers.is_none()
            && it.author != who
            && !it.gone
            && self.may_pass_on(root)
            && !self.posts.iter().any(again);
        fine.then_some((root, guid))
    }

    pub fn post_of(&self, dice: &mut Dice, who: Who) -> Option<(usize, String)> {
        let mine = |post: &usize| {
            self.posts[*post].author == who && !self.posts[*post].gone && self.may_take_back(*post)
        };
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
        let alive = |child: &Child| !child.gone && !self.posts[child.post].gone && self.may_be_undone(child);
        let found: Vec<usize> = (0..self.children.len())
            .filter(|at| alive(&self.children[*at]) && which(&self.children[*at]))
            .collect();
        found.get(dice.roll(found.len())).copied()
    }

    // --- what should be ---

    pub fn reads(&self, who: Who, at: usize) -> bool {
        let (post, home) = (&self.posts[at], self.home(who));
        !post.gone
            && match &post.readers {
                None => self.holders(at).contains(&home),
                Some(readers) if post.settled.is_none() => readers.contains(&who),
                // whoever moved left it behind, unless they moved to where its author is, or was
                Some(readers) => {
                    readers.contains(&who)
                        && (!self.has_moved(who) || self.homes[post.author].contains(&home))
                }
            }
    }

    pub fn shares(&self, who: Who, whom: Who) -> bool {
        self.aspects[who].iter().any(|aspect| aspect.contains(&whom))
    }

    pub fn are_contacts(&self, one: Who, other: Who) -> bool {
        self.shares(one, other) || self.shares(other, one)
    }

    pub fn members(&self) -> std::ops::Range<Who> {
        0..self.aspects.len()
    }

    /// The pods that are sent a post, for certain: of its readers, or of the author's contacts in either direction;
    /// a reshare comes to its root's author too. A reshare whose root was taken back is at home for certain, and
    /// elsewhere where it came before that.
    pub fn told(&self, at: usize) -> BTreeSet<usize> {
        let post = &self.posts[at];
        if let Some(settled) = &post.settled {
            return settled.told.clone();
        }
        if post.root.is_some_and(|root| self.posts[root].gone) {
            return BTreeSet::from([self.home(post.author)]);
        }
        let certain = |who: &Who| !post.stirred || !self.movers.contains(who);
        self.near(at).filter(certain).map(|who| self.home(who)).collect()
    }

    /// Those on whose account a pod is sent it.
    pub fn near(&self, at: usize) -> impl Iterator<Item = Who> {
        let post = &self.posts[at];
        let root_author = post.root.map(|root| self.posts[root].author);
        let near = move |who: &Who| match &post.readers {
            Some(readers) => readers.contains(who),
            None => *who == post.author || self.are_contacts(*who, post.author) || root_author == Some(*who),
        };
        self.members().filter(near)
    }

    /// Those, and the pods that fetched it because somebody passed it on.
    pub fn holders(&self, at: usize) -> BTreeSet<usize> {
        let settled = self.posts[at].settled.as_ref();
        let mut holders = settled.map_or_else(|| self.told(at), |settled| settled.holders.clone());
        for reshare in self.reshares(at, false) {
            holders.extend(self.told(reshare));
        }
        holders
    }

    fn reshares(&self, root: usize, gone: bool) -> impl Iterator<Item = usize> {
        let is = move |at: &usize| self.posts[*at].root == Some(root) && self.posts[*at].gone == gone;
        (0..self.posts.len()).filter(is)
    }

    /// Whether a pod may hold a post or not: it was to fetch it for a reshare that was taken back, or it knows of it
    /// through somebody who moved. What was taken back is nowhere, unless its author moved before that.
    pub fn may_hold(&self, at: usize, pod: usize) -> bool {
        let post = &self.posts[at];
        let settled = post.settled.as_ref();
        let unsure = settled.is_some_and(|settled| settled.unsure.contains(&pod)) || self.is_shaky(at, pod);
        if post.gone && !self.has_moved(post.author) {
            return unsure;
        }
        !self.holders(at).contains(&pod)
            && (unsure
                || self.may_be_left(at, pod)
                || self.reshares(at, true).any(|reshare| self.told(reshare).contains(&pod))
                || self.reshares(at, false).any(|reshare| self.may_hold(reshare, pod)))
    }

    /// A reshare that came before its root was taken back.
    fn may_be_left(&self, at: usize, pod: usize) -> bool {
        let post = &self.posts[at];
        let orphan = post.settled.is_none() && post.root.is_some_and(|root| self.posts[root].gone);
        orphan && self.near(at).any(|who| self.homes[who].contains(&pod))
    }

    /// Whether a pod came late to a post: of what was said before that, it has what its home pod gives out.
    pub fn came_late(&self, at: usize, pod: usize) -> bool {
        !self.told(at).contains(&pod) && (self.holders(at).contains(&pod) || self.may_hold(at, pod))
            || self.is_shaky(at, pod)
            || self.came_with_its_author(at, pod)
    }

    /// Whether a pod has a post because its author moved there. What others said below it came along as far as the
    /// archive has it signed and its authors are found.
    pub fn came_with_its_author(&self, at: usize, pod: usize) -> bool {
        self.posts[at].settled.as_ref().is_some_and(|settled| settled.alone.contains(&pod))
    }
}
