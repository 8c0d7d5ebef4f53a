//! The capability `notifications`: what a plugin tells members.
use pappus_kernel::plugin::{Refusal, notifications as kernel};

use crate::{
    bindings::{notifications, types},
    call::Guest,
    host::{failure, kv::user_id},
};

impl notifications::Host for Guest {
    async fn send(
        &mut self,
        notices: Vec<notifications::Notice>,
    ) -> wasmtime::Result<Result<u32, types::Failure>> {
        let send = self.asking(move |caller| async move {
            let notices = notices.into_iter().map(notice).collect::<Result<_, _>>()?;
            kernel::send(&caller, notices).await
        });
        Ok(send.await.map_err(|refusal| failure(&refusal)))
    }
}

fn notice(notice: notifications::Notice) -> Result<kernel::Notice, Refusal> {
    let arg = |arg: types::Attr| {
        let value = serde_json::from_str(&arg.value).map_err(|_| Refusal::Invalid("no JSON".into()))?;
        Ok((arg.key, value))
    };
    Ok(kernel::Notice {
        recipient: user_id(notice.recipient)?,
        kind: notice.kind,
        message_key: notice.message_key,
        args: notice.args.into_iter().map(arg).collect::<Result<_, Refusal>>()?,
        actors: notice.actors,
        target_post: notice.target_post,
        path: notice.path,
        dedupe_key: notice.dedupe_key,
    })
}
