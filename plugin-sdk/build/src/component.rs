//! From a core module to a component that says who it is.

use anyhow::{Context, Result, bail};
use wasm_encoder::{CustomSection, Encode, Section};
use wasmparser::{Chunk, Parser, Payload};
use wit_component::ComponentEncoder;

/// The custom section that holds `plugin.toml`.
pub const MANIFEST_SECTION: &str = "pappus:manifest";

/// Begins the names of the custom sections that hold the package's other files, by their paths in its folder.
pub const FILE_SECTION: &str = "pappus:file/";

/// Adds files to a component, by their paths in the plugin's folder: `templates/poll.html`, `locales/en.ftl`.
pub fn embed_files(mut component: Vec<u8>, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    for (path, bytes) in files {
        let section =
            CustomSection { name: format!("{FILE_SECTION}{path}").into(), data: bytes.as_slice().into() };
        component.push(section.id());
        section.encode(&mut component);
    }
    component
}

/// Wraps a module whose interface wit-bindgen described, and embeds `manifest`.
pub fn componentize(module: &[u8], manifest: &str) -> Result<Vec<u8>> {
    let module = without_sections(module, |name| {
        name == "name" || name == "producers" || name == "target_features" || name.starts_with(".debug")
    })?;
    let component = ComponentEncoder::default()
        .module(&module)
        .context("it does not describe its interface: is the hook's macro called?")?
        .validate(true)
        .encode()
        .context("it cannot become a component")?;
    Ok(embed_manifest(without_sections(&component, |name| name == "producers")?, manifest))
}

/// Adds `plugin.toml` to a component, in the section where a pod looks for it.
pub fn embed_manifest(mut component: Vec<u8>, manifest: &str) -> Vec<u8> {
    let section = CustomSection { name: MANIFEST_SECTION.into(), data: manifest.as_bytes().into() };
    component.push(section.id());
    section.encode(&mut component);
    component
}

/// Copies a module or component without those of its own custom sections that `drop` names.
pub(crate) fn without_sections(bytes: &[u8], drop: impl Fn(&str) -> bool) -> Result<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut parser = Parser::new(0);
    let mut rest = bytes;
    loop {
        let (payload, consumed) = match parser.parse(rest, true)? {
            Chunk::Parsed { payload, consumed } => (payload, consumed),
            Chunk::NeedMoreData(_) => bail!("it ends too early"),
        };
        // A nested module is one section to us.
        let nested = match &payload {
            Payload::ModuleSection { unchecked_range, .. }
            | Payload::ComponentSection { unchecked_range, .. } => unchecked_range.len(),
            Payload::CodeSectionStart { size, .. } => {
                parser.skip_section();
                usize::try_from(*size)?
            }
            _ => 0,
        };
        let dropped = matches!(&payload, Payload::CustomSection(section) if drop(section.name()));
        if matches!(payload, Payload::End(_)) {
            return Ok(kept);
        }
        let (section, left) = rest.split_at_checked(consumed + nested).context("it ends too early")?;
        if !dropped {
            kept.extend_from_slice(section);
        }
        rest = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module_with(name: &str) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        module.section(&CustomSection { name: name.into(), data: b"data".as_slice().into() });
        module.finish()
    }

    #[test]
    fn only_the_named_sections_go() {
        let names = module_with("name");
        assert_eq!(
            without_sections(&names, |name| name == "name").unwrap(),
            wasm_encoder::Module::new().finish()
        );
        assert_eq!(without_sections(&names, |name| name == "other").unwrap(), names);
    }

    #[test]
    fn a_file_that_is_no_module_is_refused() {
        for bytes in [&b"not wasm"[..], b"", b"\0asm"] {
            assert!(componentize(bytes, "").is_err());
        }
    }
}
