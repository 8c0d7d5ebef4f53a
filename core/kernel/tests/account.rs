//! Accounts: the first minute of a pod, signing up and in, the second factor. On both databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use pappus_kernel::{
    Error, Invalid, Pod,
    access::Owner,
    account::{
        password,
        session::{self, Session, Started, State},
        setup::{self, Setup},
        sign_in,
        sign_up::{self, NewMember},
        totp,
    },
    setting::{self, Change},
    sql,
    testing::{TestPod, on_both},
};
use std::time::Duration;
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "correct horse battery";

fn alice() -> NewMember {
    NewMember {
        username: "Alice".into(),
        email: "alice@mail.test".into(),
        password: PASSWORD.into(),
        language: "en".into(),
    }
}

async fn session_of(pod: &Pod, started: &Started) -> Session {
    session::find(pod, &started.token).await.unwrap().unwrap()
}

/// Somebody who has signed in; made by the operator, so the pod may be closed.
async fn signed_in(pod: &TestPod) -> (Session, Owner) {
    sign_up::create_as_operator(pod, pod.admin(), alice(), false).await.unwrap();
    let started = sign_in::sign_in(pod, "alice", PASSWORD, "test").await.unwrap();
    let session = session_of(pod, &started).await;
    let owner = session.owner().unwrap();
    (session, owner)
}

/// The code that an app with this secret shows now.
fn code(pod: &TestPod, secret: &str) -> String {
    use pappus_kernel::env::Clock as _;
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("alice")
        .build()
        .unwrap();
    totp.generate(pod.clock.now().seconds()).to_string()
}

#[tokio::test]
async fn the_setup_link_works_once_and_makes_the_first_admin() {
    on_both(async |pod| {
        assert!(setup::is_needed(&pod).await.unwrap());
        let link = setup::new_link(&pod).await.unwrap();
        assert!(matches!(setup::redeem(&pod, "0").await, Err(Error::Forbidden("setup-link"))));
        let cookie = setup::redeem(&pod, &link).await.unwrap();
        assert!(matches!(setup::redeem(&pod, &link).await, Err(Error::Forbidden("setup-link"))));
        assert!(setup::is_open(&pod, &cookie).await.unwrap());
        assert!(!setup::is_open(&pod, &link).await.unwrap());

        let form = Setup {
            base_url: "https://pod.test/".into(),
            pod_name: "The garden".into(),
            username: "alice".into(),
            email: "alice@mail.test".into(),
            password: PASSWORD.into(),
            open: true,
            language: "de".into(),
        };
        let bad = Setup { password: "short".into(), email: "nowhere".into(), ..form.clone() };
        let Err(Error::InvalidFields(fields)) = setup::finish(&pod, &cookie, bad, "test").await else {
            panic!("two fields are wrong")
        };
        assert_eq!(fields.iter().map(|invalid| invalid.field).collect::<Vec<_>>(), ["email", "password"]);

        let elsewhere = Setup { base_url: "https://other.test/".into(), ..form.clone() };
        let refused = setup::finish(&pod, &cookie, elsewhere, "test").await;
        assert!(
            matches!(refused, Err(Error::Invalid(Invalid { field: "base_url", .. }))),
            "the configuration fixed it"
        );

        let started = setup::finish(&pod, &cookie, form, "test").await.unwrap();
        assert!(session_of(&pod, &started).await.admin().is_some());
        assert_eq!(pod.site().name, "The garden");
        assert!(!setup::is_open(&pod, &cookie).await.unwrap());
        assert!(matches!(setup::new_link(&pod).await, Err(Error::Conflict("set-up"))));
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_dies_after_a_day() {
    on_both(async |pod| {
        let link = setup::new_link(&pod).await.unwrap();
        pod.clock.advance(Duration::from_hours(24));
        assert!(setup::redeem(&pod, &link).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_closed_pod_takes_nobody_and_an_open_one_takes_each_name_once() {
    on_both(async |pod| {
        let closed = sign_up::sign_up(&pod, alice(), "test").await;
        assert!(matches!(closed, Err(Error::Forbidden("closed"))));
        setting::change(&pod, pod.admin(), Change { name: "Garden".into(), open: true, ..Change::default() })
            .await
            .unwrap();
        let started = sign_up::sign_up(&pod, alice(), "test").await.unwrap();
        let session = session_of(&pod, &started).await;
        assert_eq!(session.diaspora_id, "alice@pod.test");
        assert!(session.admin().is_none());
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM aspects")).await, 4);

        let again = sign_up::sign_up(&pod, alice(), "test").await;
        assert!(matches!(again, Err(Error::Invalid(Invalid { field: "username", rule: "taken" }))));
        let other = NewMember { username: "alice2".into(), ..alice() };
        let again = sign_up::sign_up(&pod, other, "test").await;
        assert!(matches!(again, Err(Error::Invalid(Invalid { field: "email", rule: "taken" }))));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM people")).await, 1, "what failed left nothing");
    })
    .await;
}

#[tokio::test]
async fn a_name_in_doubt_and_a_wrong_password_get_the_same_answer() {
    on_both(async |pod| {
        sign_up::create_as_operator(&pod, pod.admin(), alice(), false).await.unwrap();
        for (login, password) in [("alice", "wrong password"), ("nobody", PASSWORD), ("alice", "")] {
            let refused = sign_in::sign_in(&pod, login, password, "test").await;
            assert!(matches!(refused, Err(Error::Forbidden("wrong-password"))), "{login}");
        }
        for login in ["alice", " ALICE ", "Alice@Mail.test"] {
            assert!(sign_in::sign_in(&pod, login, PASSWORD, "test").await.is_ok(), "{login}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_ended_revoked_or_forgotten() {
    on_both(async |pod| {
        let (_, owner) = signed_in(&pod).await;
        let second = sign_in::sign_in(&pod, "alice", PASSWORD, "phone").await.unwrap();
        let third = sign_in::sign_in(&pod, "alice", PASSWORD, "desk").await.unwrap();
        let sessions = session::list(&pod, owner).await.unwrap();
        assert_eq!(sessions.len(), 3);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM sessions WHERE label = 'phone'")).await, 1);
        let phone = sessions.iter().find(|session| session.label == "phone").unwrap().id;
        session::revoke(&pod, owner, phone).await.unwrap();
        assert!(session::find(&pod, &second.token).await.unwrap().is_none());
        assert!(matches!(session::revoke(&pod, owner, phone).await, Err(Error::NotFound)));
        session::end(&pod, &third.token).await.unwrap();
        assert!(session::find(&pod, &third.token).await.unwrap().is_none());

        let used = sign_in::sign_in(&pod, "alice", PASSWORD, "used").await.unwrap();
        for _ in 0..3 {
            pod.clock.advance(Duration::from_hours(10 * 24));
            assert!(session::find(&pod, &used.token).await.unwrap().is_some(), "it is in use");
        }
        pod.clock.advance(Duration::from_hours(14 * 24));
        assert!(session::find(&pod, &used.token).await.unwrap().is_none(), "two weeks without use");
        assert!(session::sweep(&pod).await.unwrap() > 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM sessions")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    on_both(async |pod| {
        let (session, _) = signed_in(&pod).await;
        let other = sign_in::sign_in(&pod, "alice", PASSWORD, "other").await.unwrap();
        let wrong = password::change(&pod, &session, "not it", "another password".into()).await;
        assert!(matches!(wrong, Err(Error::Invalid(Invalid { field: "current_password", .. }))));
        password::change(&pod, &session, PASSWORD, "another password".into()).await.unwrap();
        assert!(session::find(&pod, &other.token).await.unwrap().is_none());
        assert!(sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.is_err());
        assert!(sign_in::sign_in(&pod, "alice", "another password", "test").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn with_the_second_factor_a_password_alone_opens_nothing_and_each_code_works_once() {
    on_both(async |pod| {
        let (_, owner) = signed_in(&pod).await;
        assert_eq!(totp::state(&pod, owner).await.unwrap(), totp::State::Off);
        let enrolment = totp::begin(&pod, owner).await.unwrap();
        assert!(enrolment.qr_svg.starts_with("<svg"), "{}", &enrolment.qr_svg[..40]);
        assert!(enrolment.url.starts_with("otpauth://totp/"));
        assert_eq!(totp::pending(&pod, owner).await.unwrap().unwrap().secret, enrolment.secret);
        assert!(!sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.unwrap().needs_code, "not on yet");
        assert!(totp::confirm(&pod, owner, "000000").await.is_err());
        let codes = totp::confirm(&pod, owner, &code(&pod, &enrolment.secret)).await.unwrap();
        assert_eq!(codes.len(), 10);
        assert_eq!(totp::state(&pod, owner).await.unwrap(), totp::State::On { codes_left: 10 });

        let waiting = sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.unwrap();
        assert!(waiting.needs_code);
        let session = session_of(&pod, &waiting).await;
        assert_eq!(session.state, State::Code);
        assert!(session.owner().is_none() && session.admin().is_none());

        let replay = session::pass_code(&pod, &waiting.token, &code(&pod, &enrolment.secret)).await;
        assert!(
            matches!(replay, Err(Error::Invalid(Invalid { field: "otp_attempt", .. }))),
            "used to confirm"
        );
        pod.clock.advance(Duration::from_secs(30));
        let now = code(&pod, &enrolment.secret);
        let open = session::pass_code(&pod, &waiting.token, &now).await.unwrap();
        assert!(session_of(&pod, &open).await.owner().is_some());
        assert!(session::find(&pod, &waiting.token).await.unwrap().is_none(), "the waiting one is gone");

        let waiting = sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.unwrap();
        assert!(session::pass_code(&pod, &waiting.token, &now).await.is_err(), "replayed");
        let recovery = codes[3].to_uppercase().replace('-', " ");
        assert!(session::pass_code(&pod, &waiting.token, &recovery).await.is_ok());
        let waiting = sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.unwrap();
        assert!(session::pass_code(&pod, &waiting.token, &recovery).await.is_err(), "used up");
        assert_eq!(totp::state(&pod, owner).await.unwrap(), totp::State::On { codes_left: 9 });

        assert!(totp::disable(&pod, owner, "not it").await.is_err());
        totp::disable(&pod, owner, PASSWORD).await.unwrap();
        assert!(!sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.unwrap().needs_code);
    })
    .await;
}

#[tokio::test]
async fn nobody_waits_for_a_code_longer_than_ten_minutes() {
    on_both(async |pod| {
        let (_, owner) = signed_in(&pod).await;
        let enrolment = totp::begin(&pod, owner).await.unwrap();
        totp::confirm(&pod, owner, &code(&pod, &enrolment.secret)).await.unwrap();
        let waiting = sign_in::sign_in(&pod, "alice", PASSWORD, "test").await.unwrap();
        pod.clock.advance(Duration::from_mins(10));
        let late = session::pass_code(&pod, &waiting.token, &code(&pod, &enrolment.secret)).await;
        assert!(matches!(late, Err(Error::Forbidden("session-over"))));
    })
    .await;
}

#[tokio::test]
async fn no_secret_stands_in_the_database() {
    on_both(async |pod| {
        let (_, owner) = signed_in(&pod).await;
        totp::begin(&pod, owner).await.unwrap();
        let mut conn = pod.db.read().await.unwrap();
        let row: (Vec<u8>, Vec<u8>, String) = conn
            .query(sql!("SELECT private_key, totp_secret, password_hash FROM users"))
            .one()
            .await
            .unwrap();
        assert!(!String::from_utf8_lossy(&row.0).contains("PRIVATE KEY"));
        assert_eq!(row.1.len(), 2 + 12 + 20 + 16, "version, key id, nonce, secret, tag");
        assert!(row.2.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", row.2);
    })
    .await;
}
