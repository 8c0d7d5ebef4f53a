//! What the others say while people move: some of it is about those who move, and then only some pods hear of it
//! for certain. The rest is as certain as ever.
use super::{
    model::{Child, Model, Who},
    settled::Settled,
};
use std::collections::BTreeSet;

impl Model {
    /// Everything has arrived, and people begin to move.
    pub fn stir(&mut self, movers: impl IntoIterator<Item = Who>) {
        self.settle();
        self.movers = movers.into_iter().collect();
        self.stirring = true;
    }

    /// They have arrived, and everybody has heard of it who will.
    pub fn calm_again(&mut self) {
        let new = (0..self.posts.len()).filter(|at| self.posts[*at].settled.is_none());
        let new: Vec<(usize, Settled)> = new.map(|at| (at, self.as_it_is(at))).collect();
        for (at, settled) in new {
            self.posts[at].settled = Some(settled);
        }
        for at in 0..self.posts.len() {
            let shaky: BTreeSet<usize> = (0..self.pods).filter(|pod| self.is_shaky(at, *pod)).collect();
            if let Some(settled) = &mut self.posts[at].settled {
                settled.told.retain(|pod| !shaky.contains(pod));
                settled.unsure.extend(shaky.difference(&settled.holders));
            }
        }
        (self.stirring, self.later) = (false, true);
    }

    pub fn is_on_the_move(&self, who: Who) -> bool {
        self.stirring && self.movers.contains(&who)
    }

    /// Something happens to a post while people move.
    pub fn touched(&mut self, post: usize) {
        if self.stirring {
            self.posts[post].stirred = true;
        }
    }

    /// Whether nobody who moves has to do with a post: the others may then do with it what they want.
    pub fn is_at_rest(&self, at: usize) -> bool {
        let post = &self.posts[at];
        let moves = |who: &Who| self.movers.contains(who);
        !self.stirring
            || !moves(&post.author)
                && !post.root.is_some_and(|root| moves(&self.posts[root].author))
                && !self.posts.iter().any(|one| one.root == Some(at) && moves(&one.author))
    }

    pub fn is_child_at_rest(&self, child: &Child) -> bool {
        self.is_at_rest(child.post) && !self.is_on_the_move(child.author)
    }

    /// Whether a pod hears of a post through somebody who moved meanwhile, and through nobody else.
    pub fn is_shaky(&self, at: usize, pod: usize) -> bool {
        let post = &self.posts[at];
        if !post.stirred {
            return false;
        }
        let (moving, others): (Vec<Who>, Vec<Who>) = self.near(at).partition(|who| self.movers.contains(who));
        // who has a public post asked for everything about it
        let asked = post.readers.is_none()
            && post.settled.as_ref().is_some_and(|settled| settled.told.contains(&pod));
        moving.iter().any(|who| self.homes[*who].contains(&pod))
            && !others.iter().any(|who| self.home(*who) == pod)
            && !asked
    }
}
