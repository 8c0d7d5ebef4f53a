//! The way out of the pod, closed towards suspended hosts: whoever wants to send or fetch something passes
//! here, so no caller can forget it.
use super::standing_of_host;
use crate::{
    db::Db,
    env::{Fetch, FetchError, FetchRequest, FetchResponse},
};
use async_trait::async_trait;
use std::sync::Arc;
use url::Url;

/// The outside world without those who are suspended.
pub(crate) struct Gate {
    db: Db,
    inner: Arc<dyn Fetch>,
}

impl Gate {
    pub(crate) const fn new(db: Db, inner: Arc<dyn Fetch>) -> Self {
        Self { db, inner }
    }

    async fn check(&self, url: &Url) -> Result<(), FetchError> {
        let Some(host) = url.host_str() else { return Ok(()) };
        let failed = |error: sqlx::Error| FetchError::Network(error.to_string());
        let mut conn = self.db.read().await.map_err(failed)?;
        if standing_of_host(&mut conn, host).await.map_err(failed)?.is_suspended() {
            return Err(FetchError::Refused(format!("{host} is suspended on this pod")));
        }
        Ok(())
    }
}

#[async_trait]
impl Fetch for Gate {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        self.check(&request.url).await?;
        let asked = request.url.host_str().map(str::to_owned);
        let answer = self.inner.send(request).await?;
        if answer.url.host_str() != asked.as_deref() {
            self.check(&answer.url).await?; // a redirect led there
        }
        Ok(answer)
    }
}
