//! The hook `text-renderer`, and the checks of what it answers.

use std::sync::Arc;

use pappus_kernel::plugin::{Hook, PluginError, RenderSource, RenderedText};

use crate::{
    bindings::text_renderer::exports::pappus::plugin::text_renderer::{Rendered, Source},
    component::Loaded,
};

/// What texts are written in.
const FORMAT: &str = "text/markdown";
const MAX_HTML: usize = 256 * 1024;
const MAX_URLS: usize = 1000;

pub(crate) async fn render(
    plugin: &Arc<Loaded>,
    sources: &[RenderSource],
) -> Result<Vec<RenderedText>, PluginError> {
    let hook = plugin.renderer.clone().ok_or(PluginError::NoHook(Hook::TextRenderer))?;
    let asked = sources.len();
    let source = |source: &RenderSource| Source {
        text: source.text.clone(),
        format: FORMAT.to_owned(),
        inline_only: source.inline_only,
    };
    let sources: Vec<_> = sources.iter().map(source).collect();
    let call = plugin.call(Hook::TextRenderer, None, move |store| {
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
