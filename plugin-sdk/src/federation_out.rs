//! Answers of members to what hangs on posts: the pod signs, stores, relays and delivers them.
use crate::{CallContext, Failure};

/// Publishes an answer of the member who acts to the attachment `parent`: the element `kind` with one field. A second
/// answer of the same member is a conflict.
#[cfg(target_arch = "wasm32")]
pub fn answer(
    context: &CallContext,
    parent: &str,
    kind: &str,
    (field, value): (&str, &str),
) -> Result<String, Failure> {
    use crate::bindings::capabilities::pappus::plugin::{federation_out, types};
    let Some(viewer) = &context.viewer else {
        let message = "nobody is signed in".to_owned();
        return Err(Failure { code: types::ErrorCode::Denied, message, retry_after_ms: None });
    };
    let element = |name: &str, text: Option<&str>, parent| types::Element {
        name: name.to_owned(),
        text: text.map(str::to_owned),
        parent,
    };
    federation_out::publish(
        viewer.id,
        parent,
        &[element(kind, None, None), element(field, Some(value), Some(0))],
    )
}

/// Outside a pod, in a plugin's own tests: done.
#[cfg(not(target_arch = "wasm32"))]
pub fn answer(_: &CallContext, parent: &str, _: &str, _: (&str, &str)) -> Result<String, Failure> {
    Ok(parent.to_owned())
}
