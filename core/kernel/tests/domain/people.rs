use crate::{is_forbidden, publish, share};
use pappus_kernel::{
    Error,
    access::Viewer,
    person::{
        self,
        profile::{self, ProfileForm},
    },
    post::Audience,
    sql, tag,
    testing::{Member, START, TestPod, on_both},
};

async fn describe(pod: &TestPod, who: &Member, public_details: bool, searchable: bool) {
    let form = ProfileForm {
        first_name: "Alice".into(),
        last_name: "Ümlaut_%".into(),
        bio: "grows **things**".into(),
        gender: "gardener".into(),
        location: "Leipzig".into(),
        birthday: "05-05".into(),
        tag_string: "#Gardens, roses".into(),
        searchable,
        public_details,
        nsfw: false,
    };
    profile::change(pod, who.owner, form).await.unwrap();
}

#[tokio::test]
async fn details_are_for_everybody_or_for_those_shared_with() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (friends, his) = (pod.aspect(&alice, "friends").await, pod.aspect(&carol, "his").await);
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &carol, his, alice.person()).await;
        describe(&pod, &alice, false, true).await;
        // carol follows alice, which is not enough
        for (viewer, sees) in
            [(alice.viewer(), true), (bob.viewer(), true), (carol.viewer(), false), (Viewer::Visitor, false)]
        {
            let profile = person::show(&pod, viewer, &alice.guid).await.unwrap();
            assert_eq!(profile.shows_details, sees);
            assert_eq!(profile.person.name, "Alice Ümlaut_%");
            assert_eq!(profile.tags, ["gardens", "roses"]);
            let details = [&profile.bio, &profile.bio_html, &profile.location, &profile.gender];
            assert_eq!(details.map(|detail| !detail.is_empty()), [sees; 4]);
            assert_eq!(profile.birthday.is_some(), sees);
        }
        describe(&pod, &alice, true, true).await;
        assert!(person::show(&pod, Viewer::Visitor, &alice.guid).await.unwrap().shows_details);
    })
    .await;
}

#[tokio::test]
async fn a_changed_profile_goes_to_every_contact() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        describe(&pod, &alice, true, true).await;
        let sent = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Profile%'");
        assert_eq!(pod.count(sent).await, 1);
        let card = person::card_by_username(&pod, "Alice").await.unwrap();
        assert_eq!((card.full_name.as_str(), card.guid.as_str()), ("Alice Ümlaut_%", alice.guid.as_str()));
        assert_eq!(person::card_by_guid(&pod, &alice.guid).await.unwrap(), card);
    })
    .await;
}

#[tokio::test]
async fn people_of_other_pods_have_no_card_here_and_are_shown_to_members() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@away.test").await;
        let guid = {
            let mut conn = pod.db.read().await.unwrap();
            person::store::find(&mut conn, far).await.unwrap().unwrap().guid
        };
        assert!(matches!(person::card_by_guid(&pod, &guid).await, Err(Error::NotFound)));
        assert!(matches!(person::by_username(&pod, "far").await, Err(Error::NotFound)));
        assert!(is_forbidden(person::show(&pod, Viewer::Visitor, &guid).await, "sign-in-first"));
        assert_eq!(person::show(&pod, alice.viewer(), &guid).await.unwrap().person.name, "far@away.test");
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_a_name() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        describe(&pod, &alice, true, true).await;
        let found = async |who: &Member, q: &str| person::search(&pod, who.owner, q).await.unwrap().len();
        for q in ["ali", "ALICE Ü", "ümlaut", "alice@pod", "@alice@pod.test"] {
            assert_eq!(found(&bob, q).await, 1, "{q}");
        }
        for q in ["", "lice", "%", "_", "mlaut", "\\"] {
            assert_eq!(found(&bob, q).await, 0, "{q}");
        }
        describe(&pod, &alice, true, false).await;
        assert_eq!(found(&bob, "alice").await, 0);
        let his = pod.aspect(&bob, "his").await;
        share(&pod, &bob, his, alice.person()).await;
        assert_eq!(found(&bob, "alice").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_second_discovery_keeps_the_first_key() {
    on_both(async |pod| {
        let first = pod.remote("far@away.test").await;
        let mut tx = pod.db.begin().await.unwrap();
        let new = person::store::NewPerson {
            guids: "another-guid-0123456789".to_owned().into(),
            diaspora_id: "far@away.test".into(),
            public_key: "another key".into(),
            remote_pod: pappus_kernel::id::RemotePodId(1),
        };
        let second = person::store::insert_remote(&mut tx, &new, START).await.unwrap();
        let key = person::store::public_key(&mut tx, second).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((second, key.as_deref()), (first, Some("no key")));
    })
    .await;
}

#[tokio::test]
async fn a_followed_tag_brings_public_posts_home() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let his = pod.aspect(&bob, "his").await;
        assert_eq!(tag::follow(&pod, alice.owner, "#Rust").await.unwrap().name, "rust");
        assert!(matches!(tag::follow(&pod, alice.owner, "RUST").await, Err(Error::Conflict(_))));
        assert!(matches!(tag::follow(&pod, alice.owner, "not a tag").await, Err(Error::Invalid(_))));
        tag::follow(&pod, alice.owner, "apples").await.unwrap();
        publish(&pod, &bob, "public #rust", Audience::Public).await;
        publish(&pod, &bob, "limited #rust", Audience::Aspects([his].into())).await;
        let home = crate::texts(&pod, alice.viewer(), pappus_kernel::stream::Stream::Home).await;
        assert_eq!(home, ["public #rust"]);
        let followed = tag::followed(&pod, alice.owner).await.unwrap();
        assert_eq!(followed.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["apples", "rust"]);
        tag::unfollow(&pod, alice.owner, "rust").await.unwrap();
        assert!(matches!(tag::unfollow(&pod, alice.owner, "rust").await, Err(Error::NotFound)));
    })
    .await;
}
