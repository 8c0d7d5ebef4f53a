//! Where members' pictures lie: a folder of this machine, or a bucket of an S3-compatible store.
use crate::config::{Bucket, Config, Media, Mistake};
use object_store::{
    ClientOptions, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
};
use pappus_kernel::media::Files;
use std::{sync::Arc, time::Duration};

/// Opens it; a mistake names the key.
pub fn open(config: &Config) -> Result<Files, Mistake> {
    match &config.media {
        Media::Folder(path) => Files::folder(path).map_err(|error| {
            let problem = format!("the folder {} cannot be used: {error}", path.display());
            config.mistake("media.dir", problem, "Name a folder that this user may write to")
        }),
        Media::Bucket(bucket) => {
            let store = connect(bucket).map_err(|error| {
                let fix = "See that bucket, endpoint, region and key are right";
                config.mistake("media.s3_bucket", format!("the bucket {}: {error}", bucket.name), fix)
            })?;
            Ok(Files::new(Arc::new(store)))
        }
    }
}

/// The store is the operator's own choice and may well be on a private network: the guard that keeps members'
/// wishes away from there does not stand here.
fn connect(bucket: &Bucket) -> object_store::Result<AmazonS3> {
    let patience = ClientOptions::new()
        .with_allow_http(bucket.endpoint.as_ref().is_some_and(|url| url.scheme() == "http"))
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_mins(1));
    let retry = RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(30), ..Default::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.access_key)
        .with_secret_access_key(&bucket.secret_key)
        .with_client_options(patience)
        .with_retry(retry);
    if let Some(endpoint) = &bucket.endpoint {
        // most stores but Amazon's know a bucket by its path, not by its host
        builder = builder
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_virtual_hosted_style_request(false);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        body::Bytes,
        extract::State,
        http::{HeaderMap, Method, StatusCode, Uri},
        response::{IntoResponse, Response},
    };
    use std::{collections::BTreeMap, sync::Mutex};

    type Kept = Arc<Mutex<BTreeMap<String, Bytes>>>;

    /// As much of S3 as a pod needs: objects by path, and the one request that deletes some.
    async fn bucket(
        State(kept): State<Kept>,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let signed = headers.get("authorization").and_then(|said| said.to_str().ok()).unwrap_or_default();
        if !signed.starts_with("AWS4-HMAC-SHA256 Credential=the-key/") || !signed.contains("/eu-test-1/s3/") {
            return StatusCode::FORBIDDEN.into_response();
        }
        let mut kept = kept.lock().unwrap();
        let etag = ("etag", "\"1\"");
        match method {
            Method::PUT => {
                kept.insert(uri.path().to_owned(), body);
                [etag].into_response()
            }
            Method::GET => match kept.get(uri.path()) {
                Some(file) => {
                    ([etag, ("last-modified", "Mon, 23 Nov 2026 12:00:00 GMT")], file.clone()).into_response()
                }
                None => StatusCode::NOT_FOUND.into_response(),
            },
            Method::DELETE => {
                kept.remove(uri.path());
                StatusCode::NO_CONTENT.into_response()
            }
            _ => {
                let asked = String::from_utf8_lossy(&body).into_owned();
                let mut said = String::from("<DeleteResult>");
                kept.retain(|path, _| {
                    let key = format!("<Key>{}</Key>", path.trim_start_matches("/photos/"));
                    let gone = asked.contains(&key);
                    if gone {
                        said.extend(["<Deleted>", &key, "</Deleted>"]);
                    }
                    !gone
                });
                (said + "</DeleteResult>").into_response()
            }
        }
    }

    #[tokio::test]
    async fn a_bucket_takes_gives_back_and_deletes() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let kept = Kept::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(bucket).with_state(Arc::clone(&kept));
        #[allow(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        let wanted = |access_key: &str| Bucket {
            name: "photos".into(),
            endpoint: Some(format!("http://{address}").parse().unwrap()),
            region: "eu-test-1".into(),
            access_key: access_key.into(),
            secret_key: "the-secret".into(),
        };
        let files = Files::new(Arc::new(connect(&wanted("the-key")).unwrap()));
        assert_eq!(files.check().await, Ok(()));
        assert!(kept.lock().unwrap().is_empty(), "nothing is left behind");
        let wrong = Files::new(Arc::new(connect(&wanted("another-key")).unwrap()));
        let said = wrong.check().await.unwrap_err();
        assert!(said.contains("403") && !said.contains("the-secret"), "{said}");
    }
}
