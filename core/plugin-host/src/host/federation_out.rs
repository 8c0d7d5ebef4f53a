//! The capability `federation-out`: answers of members to what a plugin hangs on posts.
use pappus_kernel::{
    id::UserId,
    plugin::{Refusal, exchange::Node, federation_out as kernel},
};

use crate::{
    bindings::{federation_out, types},
    call::Guest,
    host::failure,
};

impl federation_out::Host for Guest {
    async fn publish(
        &mut self,
        author: u64,
        parent: String,
        entity: Vec<types::Element>,
    ) -> wasmtime::Result<Result<String, types::Failure>> {
        let Some(caller) = self.caller.clone() else { return Ok(Err(failure(&Refusal::Denied))) };
        let Ok(author) = i64::try_from(author) else { return Ok(Err(failure(&Refusal::Denied))) };
        let node =
            |element: types::Element| Node { name: element.name, text: element.text, parent: element.parent };
        let nodes: Vec<Node> = entity.into_iter().map(node).collect();
        let work = async move { kernel::publish(&caller, UserId(author), &parent, &nodes).await };
        Ok(self.outside(work).await.map_err(|refusal| failure(&refusal)))
    }

    async fn retract(&mut self, _: u64, _: String) -> wasmtime::Result<Result<(), types::Failure>> {
        let message = "this pod does not take answers back for plugins".to_owned();
        Ok(Err(types::Failure { code: types::ErrorCode::Unsupported, message, retry_after_ms: None }))
    }
}
