//! What is where when everything has come to rest, what a move changes of that, and what of the old things can
//! be touched afterwards with a certain outcome.
use super::model::{Child, Model, Who};
use std::collections::BTreeSet;

/// Where a post was when people began to move, with what their moves changed.
#[derive(Debug, Clone)]
pub struct Settled {
    pub holders: BTreeSet<usize>,
    /// Those of them that hear everything about it.
    pub told: BTreeSet<usize>,
    /// Pods that may hold it or not.
    pub unsure: BTreeSet<usize>,
    /// Pods that know it from its author's archive: with what the author said below it.
    pub alone: BTreeSet<usize>,
}

impl Settled {
    /// It is gone where its author's pod tells of it.
    pub fn taken_back(&mut self) {
        self.unsure.extend(self.holders.difference(&self.told));
        self.holders.clone_from(&self.told);
    }

    fn comes_with_its_author(&mut self, pod: usize) {
        if self.told.contains(&pod) {
            return;
        }
        // what others said below it is there if the post was
        let is_new = !self.unsure.remove(&pod) && !self.holders.contains(&pod);
        self.holders.insert(pod);
        if is_new {
            self.told.insert(pod);
            self.alone.insert(pod);
        }
    }
}

impl Model {
    /// Everything has arrived, and people begin to move.
    pub fn settle(&mut self) {
        let all: Vec<Settled> = (0..self.posts.len()).map(|at| self.as_it_is(at)).collect();
        for (post, settled) in self.posts.iter_mut().zip(all) {
            post.settled = Some(settled);
        }
    }

    pub fn as_it_is(&self, at: usize) -> Settled {
        Settled {
            holders: self.holders(at),
            told: self.told(at),
            unsure: (0..self.pods).filter(|pod| self.may_hold(at, *pod)).collect(),
            alone: BTreeSet::new(),
        }
    }

    pub fn moved(&mut self, who: Who, old_id: String, to: usize) {
        let from = self.home(who);
        self.homes[who].push(to);
        self.closed.push((old_id, who));
        let mine: Vec<usize> = (0..self.posts.len())
            .filter(|at| self.posts[*at].author == who && !self.posts[*at].gone)
            .collect();
        // reshares last: what they pass on may come before them or after them
        let (own, reshares): (Vec<usize>, Vec<usize>) =
            mine.into_iter().partition(|at| self.posts[*at].root.is_none());
        for at in own {
            self.settled(at).comes_with_its_author(to);
        }
        self.may_now_come(who, to);
        for at in reshares {
            self.reshare_moves(at, from, to);
        }
    }

    fn settled(&mut self, at: usize) -> &mut Settled {
        self.posts[at].settled.as_mut().expect("who moves is silent meanwhile")
    }

    /// It is taken in where its root is known.
    fn reshare_moves(&mut self, at: usize, from: usize, to: usize) {
        let Some(root) = self.posts[at].root else { return };
        let root_there = self.posts[root].settled.clone().expect("it is older than its reshare");
        let moves_too = self.homes[self.posts[root].author].len() > 1;
        let it = self.settled(at);
        if it.holders.contains(&to) {
            return;
        }
        let was_there = it.holders.contains(&from);
        if was_there && root_there.told.contains(&to) && !root_there.alone.contains(&to) && !moves_too {
            it.comes_with_its_author(to);
        } else if root_there.holders.contains(&to) || root_there.unsure.contains(&to) {
            it.unsure.insert(to);
        }
    }

    /// The new pod asks for older posts of the member's contacts, and fetches what it is told things about.
    fn may_now_come(&mut self, who: Who, to: usize) {
        let mine = |post: usize| self.posts[post].author == who;
        let interacted = |post: usize| {
            self.children.iter().any(|child| child.post == post && child.author == who)
                || self.posts.iter().any(|one| one.root == Some(post) && one.author == who)
        };
        let near = |at: &usize| {
            let post = &self.posts[*at];
            self.are_contacts(who, post.author) || interacted(*at) || post.root.is_some_and(mine)
        };
        let mut coming: BTreeSet<usize> = (0..self.posts.len()).filter(near).collect();
        let roots: Vec<usize> = coming.iter().filter_map(|at| self.posts[*at].root).collect();
        coming.extend(roots);
        let is_old = |at: &usize| self.posts[*at].settled.is_some() && self.posts[*at].readers.is_none();
        for at in coming.into_iter().filter(is_old).collect::<Vec<_>>() {
            if !self.posts[at].gone && !self.holders(at).contains(&to) {
                self.settled(at).unsure.insert(to);
            }
        }
    }

    /// From now on people speak again: who of those that have something old hears what happens to it?
    pub fn speak_again(&mut self) {
        for at in 0..self.posts.len() {
            let told = self.told(at).into_iter().filter(|pod| self.goes_on_hearing(at, *pod)).collect();
            self.settled(at).told = told;
        }
    }

    /// Of a limited post its readers do. Of a public one every pod that has it, since it asked for that; but a
    /// pod to which the author moved was asked by nobody, and tells the author's contacts and the old pod.
    fn goes_on_hearing(&self, at: usize, pod: usize) -> bool {
        let post = &self.posts[at];
        let lives_there = |who: &Who| self.home(*who) == pod;
        if let Some(readers) = &post.readers {
            return readers.iter().any(lives_there);
        }
        let author = post.author;
        let homes = &self.homes[author];
        let root_author = post.root.map(|root| self.posts[root].author).filter(|who| !self.has_moved(*who));
        // where the move is not known, the new identity may not speak for the old one's post
        homes.len() == 1
            || self.knows_of(author, pod)
                && (homes[homes.len() - 2..].contains(&pod)
                    || root_author.as_ref().is_some_and(lives_there)
                    || self.members().filter(lives_there).any(|who| self.are_contacts(who, author)))
    }

    /// Whether a pod must know that a member moved: it was told by the new pod, as a contact's, or by the old
    /// one, which knows who has something of theirs. Who moved twice was known to fewer on the pod in between.
    pub fn knows_of(&self, who: Who, pod: usize) -> bool {
        let lives_there = |one: &Who| self.home(*one) == pod;
        let hears = |one: Who| {
            if self.has_moved(one) { self.shares(one, who) } else { self.are_contacts(one, who) }
        };
        let has = |at: usize| {
            let post = &self.posts[at];
            !post.gone
                && post.author == who
                && post.settled.as_ref().is_some_and(|settled| settled.holders.contains(&pod))
        };
        let heard = |child: &Child| {
            let author = self.posts[child.post].author;
            let alive = child.early && !child.gone && !self.posts[child.post].gone;
            alive && child.author == who && !self.has_moved(author) && self.home(author) == pod
        };
        !self.has_moved(who)
            || self.homes[who].contains(&pod)
            || self.members().filter(lives_there).any(hears)
            || (self.homes[who].len() == 2
                && ((0..self.posts.len()).any(has) || self.children.iter().any(heard)))
    }

    /// Whether somebody can say something below a post that will be where it should be.
    pub fn may_answer(&self, who: Who, at: usize) -> bool {
        let (post, home) = (&self.posts[at], self.home(who));
        let Some(settled) = &post.settled else { return self.is_at_rest(at) && self.reads(who, at) };
        self.is_at_rest(at)
            && self.reads(who, at)
            && settled.told.contains(&home)
            // a reshare stays behind where what it passes on is not known
            && settled.told.contains(&self.home(post.author))
            && self.knows_of(post.author, home)
            && (post.readers.is_none() || !self.has_moved(who) || post.author == who)
    }

    /// Pods that have a post of somebody who moved twice may know of the first move only.
    pub fn may_pass_on(&self, root: usize) -> bool {
        let post = &self.posts[root];
        self.is_at_rest(root) && (post.settled.is_none() || self.homes[post.author].len() < 3)
    }

    pub fn may_take_back(&self, at: usize) -> bool {
        let post = &self.posts[at];
        let at_home = |settled: &Settled| settled.told.contains(&self.home(post.author));
        self.is_at_rest(at) && post.settled.as_ref().is_none_or(at_home)
    }

    /// What others said below a post does not move with it, so that its new home cannot say that it is gone.
    pub fn may_be_undone(&self, child: &Child) -> bool {
        let post = &self.posts[child.post];
        if !self.is_child_at_rest(child) {
            return false;
        }
        let Some(settled) = post.settled.as_ref().filter(|_| child.early) else { return true };
        let home = self.home(post.author);
        settled.told.contains(&home)
            && !settled.alone.contains(&home)
            && self.knows_of(child.author, home)
            && self.knows_of(post.author, self.home(child.author))
    }
}
