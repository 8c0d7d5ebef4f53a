//! Somebody with a pod of their own, `liar.test`, who answers discovery for others and says things in other
//! people's names. Nothing of it may leave a trace, but that Eve, who is who she says, may be known; and the thief,
//! who says that somebody's guid is theirs: what they say as themselves may stand, and keeps nobody away.
use super::{Dice, Member};
use axum::{
    Router,
    extract::{Path, RawQuery},
    routing::get,
};
use pappus_federation::{
    DiasporaId, Entity, Guid, Kind, PrivateKey, Timestamp,
    discovery::{HCard, WebFinger},
    entity::{AccountMigration, Comment, Profile, Retraction, StatusMessage},
    envelope,
};
use pappus_kernel::{inbox, person};
use pappus_tests::{Running, Wire};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
const BASE: &str = "https://liar.test/";
const EVE: &str = "00000000000000000000000000000e5e";

/// What was tried, by name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub stolen_guid: usize,
    pub answered_for_others: usize,
    pub foreign_author: usize,
    pub foreign_comment: usize,
    pub foreign_retraction: usize,
    pub foreign_move: usize,
}

impl Tally {
    pub fn all(self) -> [(&'static str, usize); 6] {
        [
            ("stolen guids", self.stolen_guid),
            ("answers for others", self.answered_for_others),
            ("foreign authors", self.foreign_author),
            ("foreign comments", self.foreign_comment),
            ("foreign retractions", self.foreign_retraction),
            ("foreign moves", self.foreign_move),
        ]
    }
}

pub struct Evil {
    pub tally: Tally,
    key: Arc<PrivateKey>,
}

impl Evil {
    /// Puts the liar on the wire, who knows the guid of one of the members.
    pub fn join(wire: &Wire, victim: Guid) -> Self {
        let key = Arc::new(PrivateKey::generate_small().unwrap());
        let cards = Arc::clone(&key);
        let finger = get(|RawQuery(query): RawQuery| async move { finger(&query.unwrap_or_default()) });
        let card = get(move |Path(guid): Path<String>| {
            let guid = if guid == EVE { EVE.parse().unwrap() } else { victim.clone() };
            let key = Arc::clone(&cards);
            async move { card(guid, &key) }
        });
        let router = Router::new().route("/.well-known/webfinger", finger).route("/hcard/users/{guid}", card);
        wire.join("liar.test", router);
        Self { tally: Tally::default(), key }
    }

    /// Tries one thing on one pod.
    pub async fn act(
        &mut self,
        dice: &mut Dice,
        pods: &[Running],
        members: &[Member],
        target: Option<String>,
    ) {
        if dice.percent(12) {
            return self.forge_a_move(dice, pods, members).await;
        }
        let at = dice.roll(pods.len());
        let victim = &members[dice.roll(members.len())];
        let author: DiasporaId = victim.diaspora_id.parse().unwrap();
        let guid: Guid = format!("0123456789abcdef{:016x}", dice.roll(usize::MAX)).parse().unwrap();
        let post = |author: DiasporaId| {
            Entity::from(StatusMessage::new(author, guid.clone(), NOW, true, "said by a liar".to_owned()))
        };
        let (sender, entity) = match (dice.roll(5), target) {
            (0, _) => {
                self.tally.stolen_guid += 1;
                ("thief@liar.test", post("thief@liar.test".parse().unwrap()))
            }
            (1, _) => {
                self.tally.answered_for_others += 1;
                let name = ["double@liar.test", "elsewhere@liar.test"][dice.roll(2)];
                (name, post(name.parse().unwrap()))
            }
            (2, Some(target)) => {
                self.tally.foreign_comment += 1;
                let parent = target.parse().unwrap();
                let mut comment = Comment::new(author, guid, parent, "said by a liar", NOW).unwrap();
                pappus_federation::Relayable::sign(&mut comment, &self.key).unwrap();
                ("eve@liar.test", comment.into())
            }
            (3, Some(target)) => {
                self.tally.foreign_retraction += 1;
                let author = if dice.percent(50) { author } else { "eve@liar.test".parse().unwrap() };
                ("eve@liar.test", Retraction::new(author, Kind::Post, target.parse().unwrap()).into())
            }
            _ => {
                self.tally.foreign_author += 1;
                // in the victim's own name, or in hers about the victim's post
                let own = victim.diaspora_id.as_str();
                (if dice.percent(50) { own } else { "eve@liar.test" }, post(author))
            }
        };
        self.send(&pods[at], sender, &entity).await;
    }

    async fn send(&self, pod: &Running, sender: &str, entity: &Entity) {
        let sender = sender.parse().unwrap();
        let envelope = envelope::sign(&entity.to_xml(), &sender, &self.key).unwrap();
        inbox::accept_public(&pod.pod, envelope.into_bytes()).await.unwrap();
    }

    /// Says that somebody has become Eve, or somebody else: in their name, or in Eve's with a signature that
    /// should be theirs.
    pub async fn forge_a_move(&mut self, dice: &mut Dice, pods: &[Running], members: &[Member]) {
        self.tally.foreign_move += 1;
        let at = dice.roll(pods.len());
        let victim = dice.roll(members.len());
        let old: DiasporaId = members[victim].diaspora_id.parse().unwrap();
        let eve: DiasporaId = "eve@liar.test".parse().unwrap();
        let other = members[(victim + 1) % members.len()].diaspora_id.parse().unwrap();
        let (author, new) = match dice.roll(3) {
            0 => (old.clone(), eve),
            1 => (eve.clone(), eve),
            _ => (old.clone(), other),
        };
        let mut word = AccountMigration::new(author.clone(), old, Profile::new(new, true));
        word.sign(&self.key).unwrap();
        self.send(&pods[at], author.as_str(), &word.into()).await;
    }
}

/// The guid that the thief says is theirs.
pub async fn victim(pods: &[Running], members: &[Member]) -> Guid {
    let who = 1;
    let id = members[who].diaspora_id.parse().unwrap();
    let person = person::discover(&pods[0].pod, &id).await.unwrap();
    person.guid.parse().unwrap()
}

fn finger(query: &str) -> String {
    let eve: Guid = EVE.parse().unwrap();
    let stolen: Guid = "ffffffffffffffffffffffffffffffff".parse().unwrap();
    let local = |name: &str, guid: &Guid, base: &str| {
        WebFinger::local(&format!("{name}@liar.test").parse().unwrap(), guid, base)
    };
    let document = match query.rsplit([':', '=', 'A']).next().unwrap_or_default().split(['@', '%']).next() {
        Some("eve") => local("eve", &eve, BASE),
        Some("thief") => local("thief", &stolen, BASE),
        // about a member of another pod
        Some("double") => WebFinger::local(&"mia@pod0.test".parse().unwrap(), &stolen, BASE),
        // of a pod that is not the liar's
        _ => local("elsewhere", &stolen, "https://pod1.test/"),
    };
    document.to_jrd()
}

fn card(guid: Guid, key: &PrivateKey) -> String {
    let card = HCard {
        guid,
        nickname: Some("liar".into()),
        full_name: "A Liar".into(),
        first_name: Some("A".into()),
        last_name: Some("Liar".into()),
        public_key: key.public().clone(),
        photo_large_url: format!("{BASE}l.png"),
        photo_medium_url: format!("{BASE}m.png"),
        photo_small_url: format!("{BASE}s.png"),
        searchable: true,
    };
    card.to_html(BASE)
}
