//! Where the files lie: a folder, or a store that speaks S3; whoever opens the pod decides. Names are of our own
//! making, so no path of anybody else gets here.
use super::Size;
use crate::{Error, Result};
use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, local::LocalFileSystem, path::Path};
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The media store.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// One picture takes hundreds of megabytes while it is open.
    turns: Arc<Semaphore>,
}

impl Files {
    /// Keeps files in `store`.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { store, turns: Arc::new(Semaphore::new((cores / 2).max(1))) }
    }

    /// Keeps files in memory, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub fn in_memory() -> Self {
        Self::new(Arc::new(object_store::memory::InMemory::new()))
    }

    /// How many files there are, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub async fn count(&self) -> usize {
        use futures_util::StreamExt as _;
        self.store.list(None).count().await
    }

    /// Keeps files below a folder, which is made if it is not there.
    pub fn folder(path: &std::path::Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(std::io::Error::other)?;
        Ok(Self::new(Arc::new(store.with_automatic_cleanup(true))))
    }

    /// Waits until a picture may be opened.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.turns.acquire().await.map_err(Error::internal)
    }

    pub(super) async fn put(&self, size: Size, name: &str, bytes: Vec<u8>) -> Result<()> {
        let done = self.store.put(&place(size, name), PutPayload::from(bytes)).await;
        done.map(drop).map_err(|error| failed("write", name, &error))
    }

    pub(super) async fn get(&self, size: Size, name: &str) -> Result<Bytes> {
        let found = match self.store.get(&place(size, name)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        found.map_err(|error| match error {
            object_store::Error::NotFound { .. } => Error::NotFound,
            error => failed("read", name, &error),
        })
    }

    /// One that is not there is gone already.
    pub(super) async fn delete(&self, size: Size, name: &str) -> Result<()> {
        match self.store.delete(&place(size, name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("delete", name, &error)),
        }
    }

    /// Whether the store takes a file, gives it back and forgets it again.
    pub async fn check(&self) -> Result<(), String> {
        let (path, said) = (Path::from("check"), "pappus");
        let round = async {
            self.store.put(&path, PutPayload::from(said)).await?;
            let back = self.store.get(&path).await?.bytes().await?;
            self.store.delete(&path).await?;
            Ok::<_, object_store::Error>(back)
        };
        match round.await {
            Ok(back) if back == said.as_bytes() => Ok(()),
            Ok(_) => Err("it gives back something else than it was given".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A few hundred folders, so that none holds all files.
fn place(size: Size, name: &str) -> Path {
    let shelf = name.get(..2).unwrap_or("00");
    Path::from(format!("images/{shelf}/{}{name}", size.prefix()))
}

/// The reason is for the log: it may name hosts and folders.
fn failed(what: &str, name: &str, error: &object_store::Error) -> Error {
    tracing::error!(file = name, "the media store cannot {what}: {error}");
    Error::internal("the media store failed")
}
