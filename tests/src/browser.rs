//! A client that does what browsers do, and what came back.
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

/// A client that keeps cookies and says where it comes from, as browsers do.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub base: String,
    pub cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What stands behind the first `mark`, up to the next quote, slash or angle bracket.
    pub fn after(&self, mark: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(mark)?;
        Some(rest.chars().take_while(|c| !matches!(c, '"' | '\'' | '/' | '<' | '#' | '?')).collect())
    }

    /// The answer is a page with this on it.
    #[track_caller]
    pub fn shows(&self, words: &str) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(self.text().contains(words), "`{words}` is not on\n{}", self.text());
        self
    }

    /// The answer is a page without this.
    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(!self.text().contains(words), "`{words}` is on\n{}", self.text());
        self
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap())
            .await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form that is spelled out, whatever it holds.
    pub async fn post_raw(&mut self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends any request with the cookies, and keeps those that come back.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let host = self.base.split("//").nth(1).unwrap_or_default().to_owned();
        let headers = request.headers_mut();
        if !headers.contains_key(header::HOST) {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = answer(self.router.clone(), request).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap_or_default().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Sends a form with words and files.
    pub async fn post_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
        accept: &str,
    ) -> Answer {
        let mark = "a-line-that-is-in-no-file";
        let mut body = Vec::new();
        for (name, value) in fields {
            let head =
                format!("--{mark}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        for (name, file) in files {
            let head = format!(
                "--{mark}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.svg\"\r\n\
                 content-type: image/svg+xml\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend(format!("--{mark}--\r\n").into_bytes());
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={mark}"))
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Uploads a file, as a form with one field does.
    pub async fn upload(&mut self, path: &str, field: &str, file: &[u8]) -> Answer {
        let mark = "a-line-that-is-in-no-archive";
        let head =
            format!("--{mark}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"a\"\r\n\r\n");
        let body = [head.as_bytes(), file, format!("\r\n--{mark}--\r\n").as_bytes()].concat();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={mark}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Publishes, and says the post's guid.
    pub async fn publish(&mut self, text: &str, audience: &[&str]) -> String {
        let mut fields = vec![("status_message[text]", text)];
        fields.extend(audience.iter().map(|one| ("aspect_ids[]", *one)));
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post("/status_messages")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        let answer = self.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.after("\"guid\":\"").unwrap()
    }

    /// My aspects by their names, as the contacts page lists them.
    pub async fn aspect(&mut self, name: &str) -> String {
        let page = self.get("/contacts").await.text();
        let (before, _) = page.split_once(&format!("data-name=\"{name}\"")).expect("the aspect is listed");
        let (_, id) = before.rsplit_once("value=\"").unwrap();
        id.chars().take_while(char::is_ascii_digit).collect()
    }

    /// Puts the person with this diaspora* ID into an aspect.
    pub async fn share_with(&mut self, handle: &str, aspect: &str) {
        let id = self.aspect(aspect).await;
        let answer = self.post("/contacts", &[("handle", handle), ("aspect_ids[]", &id)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
}

pub(crate) async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}
