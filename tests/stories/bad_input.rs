//! Bodies that are too long, binary, malformed or of the wrong kind get a reason, never a failure of ours.
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use pappus_kernel::testing::on_both;
use pappus_tests::Running;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn bad_bodies_are_refused_with_their_status() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let someone = alice.get("/stream").await.after("/people/").unwrap();
        let private = format!("/receive/users/{someone}");
        let mib = |count: usize| vec![b'a'; count << 20];
        let table: Vec<(&str, &str, Vec<u8>, u16)> = vec![
            ("/status_messages", FORM, [b"status_message[text]=".to_vec(), mib(1)].concat(), 413),
            ("/status_messages", "application/json", b"{".to_vec(), 415),
            ("/status_messages", "multipart/form-data; boundary=x", b"--x".to_vec(), 422),
            ("/status_messages", FORM, (0..=255).collect(), 400),
            ("/status_messages", FORM, b"status_message[text]=a%00b&audience=public".to_vec(), 400),
            ("/status_messages", FORM, b"%%%=&&&==;".to_vec(), 422),
            ("/status_messages", FORM, Vec::new(), 422),
            ("/users/sign_in", FORM, b"user[username]=%ff%fe&user[password]=%ff".to_vec(), 400),
            ("/status_messages", FORM, (1..=255).collect(), 400),
            ("/status_messages", FORM, b"status_message[text]=\xff\xfe&audience=public".to_vec(), 400),
            ("/status_messages", FORM, b"status_message[text]=%c3%28&audience=public".to_vec(), 400),
            ("/aspects", FORM, b"aspect[name]=%ff".to_vec(), 400),
            ("/posts/0123456789abcdef/comments", FORM, b"text=%ed%a0%80".to_vec(), 400),
            ("/users", FORM, b"user[username]=%00".to_vec(), 400),
            ("/aspects", FORM, b"aspect[name]=".to_vec(), 422),
            ("/contacts", FORM, b"handle=a@b@c&aspect_ids[]=x".to_vec(), 422),
            ("/aspect_memberships", FORM, b"aspect_id=99999999999999999999&person_id=1".to_vec(), 404),
            ("/aspect_memberships", FORM, b"aspect_id=1&person_id=-1".to_vec(), 404),
            ("/posts/%ff/likes", FORM, Vec::new(), 400),
            ("/posts/0123456789abcdef/comments", FORM, b"text=x".to_vec(), 404),
            ("/user", FORM, b"_method=put&user[color_mode]=loud".to_vec(), 422),
            ("/profile", FORM, b"_method=put&profile[birthday]=yesterday".to_vec(), 422),
            ("/user/password", FORM, b"new_password=x".to_vec(), 422),
            ("/two_factor_authentication/confirm", FORM, b"user[code]=abc".to_vec(), 303),
            ("/receive/users/%00", "application/json", b"{}".to_vec(), 400),
            ("/receive/users/%00/", "application/json", b"{}".to_vec(), 400),
            ("/receive/public", "application/magic-envelope+xml", mib(3), 413),
            ("/receive/public", "application/magic-envelope+xml", b"<nonsense".to_vec(), 202),
            ("/receive/public/", "image/png", vec![0, 255, 0], 202),
            ("/receive/public", FORM, Vec::new(), 400),
            ("/receive/users/0123456789abcdef0123456789abcdef", "application/json", b"{}".to_vec(), 404),
            (&private, "application/json", b"{}".to_vec(), 202),
            (&private, "application/json", mib(4), 413),
        ];
        for (path, kind, body, status) in table {
            let size = body.len();
            let request =
                Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
            let answer = alice.send(request).await;
            assert_eq!(answer.status.as_u16(), status, "{path}, {kind}, {size} bytes: {}", answer.text());
        }
        // what came from other pods is looked at by jobs, and hurts nobody
        assert!(running.run_jobs().await >= 3);
        alice.get("/stream").await.shows("<main");
    })
    .await;
}

#[tokio::test]
async fn a_zero_character_in_an_address_is_refused_by_every_policy() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut admin = running.sign_in("admina").await;
        for path in [
            "/hcard/users/%00",
            "/fetch/post/%00",
            "/fetch/comment/%00",
            "/fetch/%00/0123456789abcdef",
            "/nodeinfo/%00",
            "/.well-known/webfinger?resource=https://pod.test/u/%00",
            "/.well-known/webfinger?resource=acct:%00@pod.test",
            "/-/media/%00/x",
            "/-/core/%00",
            "/posts/%00",
            "/people/%00",
            "/contacts?a_id=%00",
            "/admin/plugins?x=%00",
        ] {
            let answer = admin.get(path).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text());
        }
        // the same without the zero is merely unknown
        for path in
            ["/hcard/users/0123456789abcdef", "/.well-known/webfinger?resource=https://pod.test/u/x%2500"]
        {
            assert_eq!(admin.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn strange_addresses_are_not_found_and_break_nothing() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_in("admina").await;
        for path in [
            "/posts/%00",
            "/posts/99999999999999999999",
            "/posts/-1",
            "/p/0",
            "/people/%27%20OR%201=1",
            "/people/x.json",
            "/u/..%2f..",
            "/tags/%23",
            "/tags/%00",
            "/stream?before=x&max_time=99999999999999999999",
            "/stream?before=9223372036854775807-9223372036854775807",
            "/contacts?page=-5&a_id=999999",
            "/notifications?before=%F0%9F",
            "/aspects?a_ids[]=x&a_ids[]=9",
            "/people?q=%25_%5C",
            "/people?q=@",
            "/nodeinfo/9.9",
            "/hcard/users/%ff",
            "/fetch/Kernel/x",
            "/.well-known/webfinger",
            "/.well-known/webfinger?resource=acct:nobody@pod.test",
            "/.well-known/webfinger?resource=acct:admina@elsewhere.test",
            "/-/media/x/y",
            "/-/core/..%2f..%2fsecret.key",
            "/-/theme/../../x",
            "//evil.test/",
        ] {
            let answer = alice.get(path).await;
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        }
        let found = alice.get("/.well-known/webfinger?resource=acct:admina@pod.test").await;
        assert_eq!(found.status, StatusCode::OK);
        assert_eq!(found.header("access-control-allow-origin"), "*");
        let guid = found.after("/hcard/users/").unwrap();
        let card = alice.get(&format!("/hcard/users/{guid}")).await;
        card.shows("BEGIN PUBLIC KEY").shows(&guid);
        for version in ["1.0", "2.0", "2.1"] {
            alice.get(&format!("/nodeinfo/{version}")).await.shows("\"pappus\"");
        }
    })
    .await;
}
