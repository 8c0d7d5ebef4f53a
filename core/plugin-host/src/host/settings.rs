//! The capability `settings`: what people chose for the plugin, and secrets that it may use but not read.
use pappus_kernel::{
    id::UserId,
    plugin::{Caller, Refusal, settings as kernel},
};

use crate::{
    bindings::{settings, types},
    call::Guest,
    host::{failure, kv::user_id},
};

impl settings::Host for Guest {
    async fn site(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        let found = self.asking(move |caller| async move { kernel::site(&caller, &key).await }).await;
        Ok(found.ok().flatten().map(|value| value.to_string()))
    }

    async fn user(&mut self, user: u64, key: String) -> wasmtime::Result<Option<String>> {
        let read = move |caller: Caller| async move { kernel::user(&caller, user_id(user)?, &key).await };
        Ok(self.asking(read).await.ok().flatten().map(|value| value.to_string()))
    }

    async fn set_user(
        &mut self,
        user: u64,
        key: String,
        value: String,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        let set = move |caller: Caller| async move {
            let value = serde_json::from_str(&value).map_err(|_| Refusal::Invalid("no JSON".into()))?;
            kernel::set_user(&caller, user_id(user)?, &key, value).await
        };
        Ok(self.asking(set).await.map_err(|refusal| failure(&refusal)))
    }

    async fn has_secret(&mut self, user: Option<u64>, key: String) -> wasmtime::Result<bool> {
        let has = move |caller: Caller| async move {
            kernel::has_secret(&caller, user.map(user_id).transpose()?, &key).await
        };
        Ok(self.asking(has).await.unwrap_or(false))
    }

    async fn store_secret(
        &mut self,
        user: Option<u64>,
        key: String,
        origin: String,
        value: String,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        let store = move |caller: Caller| async move {
            kernel::store_secret(&caller, user.map(user_id).transpose()?, (&key, &origin), &value).await
        };
        Ok(self.asking(store).await.map_err(|refusal| failure(&refusal)))
    }

    async fn enabled_users(&mut self, after: Option<u64>, limit: u32) -> wasmtime::Result<Vec<u64>> {
        let list = move |caller: Caller| async move {
            let after = after.map(|after| UserId(i64::try_from(after).unwrap_or(i64::MAX)));
            kernel::enabled_users(&caller, after, limit).await
        };
        let users = self.asking(list).await.unwrap_or_default();
        Ok(users.into_iter().filter_map(|user| u64::try_from(user.0).ok()).collect())
    }
}
