//! The hook `text-renderer`, and the checks of what it answers.

use std::sync::Arc;

use async_trait::async_trait;
use pappus_kernel::plugin::{Hook, Manifest, Plugin, PluginError, RenderSource, RenderedText};

use crate::component::Loaded;

/// A loaded plugin as the kernel sees it.
pub(crate) struct Ready(pub(crate) Arc<Loaded>);

#[allow(clippy::all, clippy::pedantic, reason = "generated")]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "../../plugin-sdk/wit",
        world: "renderer",
        imports: { default: async | trappable },
        exports: { default: async },
    });
}

use bindings::exports::pappus::plugin::text_renderer::{Rendered, Source};

/// What texts are written in.
const FORMAT: &str = "text/markdown";
const MAX_HTML: usize = 256 * 1024;
const MAX_URLS: usize = 1000;

#[async_trait]
impl Plugin for Ready {
    fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    fn hooks(&self) -> &[Hook] {
        &self.0.hooks
    }

    fn sha256(&self) -> &str {
        &self.0.sha256
    }

    async fn render(&self, sources: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        let hook = self.0.renderer.clone().ok_or(PluginError::NoHook(Hook::TextRenderer))?;
        let asked = sources.len();
        let source = |source: &RenderSource| Source {
            text: source.text.clone(),
            format: FORMAT.to_owned(),
            inline_only: source.inline_only,
        };
        let sources: Vec<_> = sources.iter().map(source).collect();
        let call = self.0.call(Hook::TextRenderer, move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_text_renderer().call_render(store, &sources).await
            })
        });
        let rendered = call.await?;
        if rendered.len() != asked {
            return Err(PluginError::Answer(format!("{} texts for {asked}", rendered.len())));
        }
        rendered.into_iter().map(checked).collect()
    }
}

fn checked(rendered: Rendered) -> Result<RenderedText, PluginError> {
    let Rendered { html, plain, links, images } = rendered;
    if html.len() > MAX_HTML || plain.len() > MAX_HTML {
        return Err(PluginError::Answer(format!("a text of more than {} KiB", MAX_HTML / 1024)));
    }
    if links.len() + images.len() > MAX_URLS {
        return Err(PluginError::Answer(format!("more than {MAX_URLS} addresses for a text")));
    }
    Ok(RenderedText { html, plain, links, images })
}
