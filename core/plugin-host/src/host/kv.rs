//! The capability `kv`: what a plugin keeps, by key.
use pappus_kernel::{
    id::UserId,
    plugin::{Caller, Refusal, kv as kernel},
};

use crate::{
    bindings::{kv, types},
    call::Guest,
    host::failure,
};

type Answer<T> = wasmtime::Result<Result<T, types::Failure>>;

impl kv::Host for Guest {
    async fn get(&mut self, scope: kv::Scope, keys: Vec<String>) -> Answer<Vec<Option<kv::Entry>>> {
        let found =
            self.kv(scope, move |caller, scope| async move { kernel::get(&caller, scope, &keys).await });
        Ok(found.await.map(|found| found.into_iter().map(|one| one.map(entry)).collect()))
    }

    async fn set(&mut self, scope: kv::Scope, items: Vec<kv::Put>) -> Answer<()> {
        let items = items.into_iter().map(put).collect();
        Ok(self.kv(scope, move |caller, scope| async move { kernel::set(&caller, scope, items).await }).await)
    }

    async fn delete(&mut self, scope: kv::Scope, keys: Vec<String>) -> Answer<u32> {
        Ok(self
            .kv(scope, move |caller, scope| async move { kernel::delete(&caller, scope, &keys).await })
            .await)
    }

    async fn compare_and_set(&mut self, scope: kv::Scope, item: kv::Put, expected: u64) -> Answer<bool> {
        let item = put(item);
        let set = move |caller: Caller, scope| async move {
            kernel::compare_and_set(&caller, scope, item, expected).await
        };
        Ok(self.kv(scope, set).await)
    }

    async fn add(&mut self, scope: kv::Scope, key: String, delta: i64) -> Answer<i64> {
        Ok(self
            .kv(scope, move |caller, scope| async move { kernel::add(&caller, scope, key, delta).await })
            .await)
    }

    async fn scan(
        &mut self,
        scope: kv::Scope,
        prefix: String,
        page: types::PageInfo,
    ) -> Answer<(Vec<kv::Entry>, Option<String>)> {
        let scan = move |caller: Caller, scope| async move {
            kernel::scan(&caller, scope, &prefix, (page.cursor.as_deref(), page.limit)).await
        };
        let found = self.kv(scope, scan).await;
        Ok(found.map(|(entries, next)| (entries.into_iter().map(entry).collect(), next)))
    }
}

impl Guest {
    async fn kv<T: Send + 'static, F: Future<Output = Result<T, Refusal>> + Send + 'static>(
        &self,
        scope: kv::Scope,
        work: impl FnOnce(Caller, kernel::Scope) -> F,
    ) -> Result<T, types::Failure> {
        let asked = async {
            let caller = self.caller.clone().ok_or(Refusal::Denied)?;
            let scope = match scope {
                kv::Scope::Site => kernel::Scope::Site,
                kv::Scope::User(user) => kernel::Scope::User(user_id(user)?),
            };
            self.outside(work(caller, scope)).await
        };
        asked.await.map_err(|refusal| failure(&refusal))
    }
}

/// A number that no account has is nobody's.
pub(super) fn user_id(user: u64) -> Result<UserId, Refusal> {
    match i64::try_from(user) {
        Ok(user) if user > 0 => Ok(UserId(user)),
        _ => Err(Refusal::Denied),
    }
}

fn entry(entry: kernel::Entry) -> kv::Entry {
    kv::Entry { key: entry.key, value: entry.value, version: entry.version }
}

fn put(item: kv::Put) -> kernel::Put {
    kernel::Put { key: item.key, value: item.value, expires_at: item.expires_at }
}
