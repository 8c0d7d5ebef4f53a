use crate::{is_forbidden, is_invalid, publish, share, texts};
use pappus_kernel::{
    Error,
    contact::{
        self, Set,
        aspect::{self, AspectName},
    },
    id::AspectId,
    person,
    post::Audience,
    sql,
    stream::Stream,
    testing::{START, on_both},
};

#[tokio::test]
async fn sharing_is_two_directions() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let friends = pod.aspect(&alice, "friends").await;
        let relation = async |who: &pappus_kernel::testing::Member, guid: &str| {
            let relation = person::show(&pod, who.viewer(), guid).await.unwrap().relation;
            (relation.sharing, relation.receiving)
        };
        share(&pod, &alice, friends, bob.person()).await;
        assert_eq!(relation(&alice, &bob.guid).await, (false, true));
        assert_eq!(relation(&bob, &alice.guid).await, (true, false));

        let family = pod.aspect(&bob, "family").await;
        share(&pod, &bob, family, alice.person()).await;
        assert_eq!(relation(&alice, &bob.guid).await, (true, true));

        contact::stop_sharing(&pod, alice.owner, friends, bob.person()).await.unwrap();
        assert_eq!(relation(&alice, &bob.guid).await, (true, false));
        contact::stop_sharing(&pod, bob.owner, family, alice.person()).await.unwrap();
        assert_eq!(relation(&alice, &bob.guid).await, (false, false));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM contacts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_the_first_and_the_last_aspect_are_told_to_the_other_pod() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@away.test").await;
        let (one, two) = (pod.aspect(&alice, "one").await, pod.aspect(&alice, "two").await);
        let told = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Contact%'");
        share(&pod, &alice, one, far).await;
        share(&pod, &alice, two, far).await;
        assert_eq!(pod.count(told).await, 1);
        let profiles = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Profile%'");
        assert_eq!(pod.count(profiles).await, 1);
        contact::stop_sharing(&pod, alice.owner, one, far).await.unwrap();
        assert_eq!(pod.count(told).await, 1);
        contact::stop_sharing(&pod, alice.owner, two, far).await.unwrap();
        assert_eq!(pod.count(told).await, 2);
    })
    .await;
}

#[tokio::test]
async fn deleting_an_aspect_stops_sharing_with_who_was_only_there() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (one, two) = (pod.aspect(&alice, "one").await, pod.aspect(&alice, "two").await);
        share(&pod, &alice, one, bob.person()).await;
        share(&pod, &alice, one, carol.person()).await;
        share(&pod, &alice, two, carol.person()).await;
        aspect::delete(&pod, alice.owner, one).await.unwrap();
        let left = contact::page(&pod, alice.owner, Set::Receiving, 1).await.unwrap();
        let names: Vec<_> = left.iter().map(|contact| contact.person.name.as_str()).collect();
        assert_eq!(names, ["carol@pod.test"]);
        assert_eq!(contact::page(&pod, bob.owner, Set::All, 1).await.unwrap(), []);
        assert!(matches!(aspect::delete(&pod, bob.owner, two).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn nobody_shares_with_themselves_a_closed_account_or_by_a_foreign_aspect() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let friends = pod.aspect(&alice, "friends").await;
        assert!(is_forbidden(contact::share(&pod, alice.owner, friends, alice.person()).await, "yourself"));
        assert!(matches!(
            contact::share(&pod, bob.owner, friends, alice.person()).await,
            Err(Error::NotFound)
        ));
        share(&pod, &alice, friends, bob.person()).await;
        let again = contact::share(&pod, alice.owner, friends, bob.person()).await;
        assert!(matches!(again, Err(Error::Conflict("membership"))));
        let gone = pod.remote("gone@away.test").await;
        pod.run(sql!("UPDATE people SET closed_at = 1 WHERE diaspora_id = 'gone@away.test'")).await;
        assert!(is_forbidden(contact::share(&pod, alice.owner, friends, gone).await, "closed-account"));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM contacts")).await, 2);
    })
    .await;
}

#[tokio::test]
async fn the_list_of_contacts_knows_its_sets() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (friends, hers) = (pod.aspect(&alice, "friends").await, pod.aspect(&carol, "hers").await);
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &carol, hers, alice.person()).await;
        let names = async |who: &pappus_kernel::testing::Member, set: Set| {
            let page = contact::page(&pod, who.owner, set, 1).await.unwrap();
            page.into_iter().map(|contact| contact.person.diaspora_id).collect::<Vec<_>>()
        };
        assert_eq!(names(&alice, Set::All).await, ["bob@pod.test", "carol@pod.test"]);
        assert_eq!(names(&alice, Set::Receiving).await, ["bob@pod.test"]);
        assert_eq!(names(&alice, Set::OnlySharing).await, ["carol@pod.test"]);
        assert_eq!(names(&alice, Set::Aspect(friends)).await, ["bob@pod.test"]);
        // somebody else's aspect shows nothing
        assert_eq!(names(&alice, Set::Aspect(hers)).await, Vec::<String>::new());
        assert_eq!(names(&carol, Set::Aspect(friends)).await, Vec::<String>::new());
        let bob_in = &contact::page(&pod, alice.owner, Set::Aspect(friends), 1).await.unwrap()[0];
        assert_eq!((bob_in.aspects[0].id, bob_in.aspects[0].name.as_str()), (friends, "friends"));
        let carols = contact::remove_membership(&pod, carol.owner, bob_in.aspects[0].membership).await;
        assert!(matches!(carols, Err(Error::NotFound)));
        contact::remove_membership(&pod, alice.owner, bob_in.aspects[0].membership).await.unwrap();
        assert_eq!(names(&alice, Set::Receiving).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_name_of_an_aspect_is_taken_whatever_its_case() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (one, two) = (pod.aspect(&alice, "Family").await, pod.aspect(&alice, "Work").await);
        pod.aspect(&bob, "family").await;
        let name = |name: &str| AspectName::try_from(name).unwrap();
        assert!(is_invalid(aspect::create(&pod, alice.owner, name(" FAMILY ")).await, "name", "taken"));
        assert!(is_invalid(aspect::rename(&pod, alice.owner, two, name("family")).await, "name", "taken"));
        aspect::rename(&pod, alice.owner, one, name("FAMILY")).await.unwrap();
        assert!(matches!(aspect::rename(&pod, bob.owner, one, name("x")).await, Err(Error::NotFound)));
        let list = aspect::list(&pod, alice.owner).await.unwrap();
        assert_eq!(list.iter().map(|aspect| aspect.name.as_str()).collect::<Vec<_>>(), ["FAMILY", "Work"]);
        assert_eq!(list.iter().map(|aspect| aspect.position).collect::<Vec<_>>(), [0, 1]);
        assert!(AspectName::try_from("x".repeat(21).as_str()).is_err() && AspectName::try_from(" ").is_err());
    })
    .await;
}

#[tokio::test]
async fn a_new_member_has_four_aspects_in_their_language() {
    on_both(async |pod| {
        let (alice, bernd) = (pod.member("alice").await, pod.member("bernd").await);
        let mut tx = pod.db.begin().await.unwrap();
        aspect::seed(&mut tx, alice.user(), "en", START).await.unwrap();
        aspect::seed(&mut tx, bernd.user(), "de", START).await.unwrap();
        tx.commit().await.unwrap();
        let first = async |who: &pappus_kernel::testing::Member| {
            aspect::list(&pod, who.owner)
                .await
                .unwrap()
                .into_iter()
                .map(|aspect| aspect.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(first(&alice).await, ["Family", "Friends", "Work", "Acquaintances"]);
        assert_eq!(first(&bernd).await, ["Familie", "Freunde", "Arbeit", "Bekannte"]);
    })
    .await;
}

#[tokio::test]
async fn following_brings_public_posts_and_leaving_takes_them_away() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (friends, his) = (pod.aspect(&alice, "friends").await, pod.aspect(&bob, "his").await);
        publish(&pod, &bob, "public", pappus_kernel::post::Audience::Public).await;
        publish(&pod, &bob, "limited", pappus_kernel::post::Audience::Aspects([his].into())).await;
        share(&pod, &alice, friends, bob.person()).await;
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, ["public"]);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Aspects(vec![friends])).await, ["public"]);
        assert_eq!(
            texts(&pod, alice.viewer(), Stream::Aspects(vec![AspectId(0), his])).await,
            Vec::<String>::new()
        );
        contact::stop_sharing(&pod, alice.owner, friends, bob.person()).await.unwrap();
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn who_was_in_a_deleted_aspect_alone_is_told_and_who_was_in_another_stays() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (one, other) = (pod.aspect(&alice, "one").await, pod.aspect(&alice, "other").await);
        let mut afar = Vec::new();
        for number in 0..12 {
            afar.push(pod.remote(&format!("r{number}@far.test")).await);
        }
        for person in afar.iter().chain([&bob.person(), &carol.person()]) {
            share(&pod, &alice, one, *person).await;
        }
        share(&pod, &alice, other, carol.person()).await;
        publish(&pod, &bob, "by bob", Audience::Public).await;
        publish(&pod, &carol, "by carol", Audience::Public).await;
        let told = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch'");
        let before = pod.count(told).await;

        aspect::delete(&pod, alice.owner, one).await.unwrap();
        assert_eq!(pod.count(told).await - before, 12, "each of the people elsewhere is told");
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, ["by carol"]);
        let left = contact::page(&pod, alice.owner, contact::Set::All, 1).await.unwrap();
        assert_eq!(left.iter().map(|one| one.person.id).collect::<Vec<_>>(), [carol.person()]);
        assert_eq!(contact::page(&pod, bob.owner, contact::Set::OnlySharing, 1).await.unwrap().len(), 0);
        assert_eq!(contact::page(&pod, carol.owner, contact::Set::OnlySharing, 1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn setting_somebodys_aspects_is_one_step() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (one, two, three) =
            (pod.aspect(&alice, "1").await, pod.aspect(&alice, "2").await, pod.aspect(&alice, "3").await);
        let theirs = pod.aspect(&bob, "not alice's").await;
        let set = async |wanted: &[AspectId]| {
            contact::set_aspects(&pod, alice.owner, bob.person(), &wanted.iter().copied().collect()).await
        };
        let has = async || {
            let mut conn = pod.db.read().await.unwrap();
            contact::relation(&mut conn, alice.user(), bob.person()).await.unwrap().aspects
        };
        set(&[one, two]).await.unwrap();
        assert_eq!(has().await, [one, two]);
        assert!(matches!(set(&[three, theirs]).await, Err(Error::NotFound)));
        assert_eq!(has().await, [one, two], "all of it or nothing");
        set(&[two, three]).await.unwrap();
        assert_eq!(has().await, [two, three]);
        set(&[]).await.unwrap();
        assert!(has().await.is_empty());
        assert!(contact::page(&pod, alice.owner, contact::Set::All, 1).await.unwrap().is_empty());
        set(&[]).await.unwrap();
    })
    .await;
}
