//! Every package of this repository loads as the component that people get; each renderer among them keeps
//! its contract, for any text and within its limits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{Packages, load, texts};
use pappus_kernel::plugin::{Hook, Plugin, PluginError, PluginHost as _};
use pappus_plugin_host::{Config, Host};

/// Builds what is in the plugins folder; where the rest of the build keeps it too.
fn built() -> (PathBuf, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../plugins");
    let built = pappus_plugin_build::build_all(&root.join("plugins"), &out, true).unwrap();
    (out, built.into_iter().map(|built| built.slug).collect())
}

async fn all() -> (Host, Vec<Arc<dyn Plugin>>) {
    let (dir, slugs) = built();
    let cache_dir = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
    let host = Host::new(Config { plugin_dirs: vec![dir], cache_dir, ..Config::default() }).unwrap();
    let mut plugins = Vec::new();
    for slug in &slugs {
        plugins.push(load(&host, slug).await);
    }
    assert_eq!(host.packages().await.len(), slugs.len());
    (host, plugins)
}

fn renderers(plugins: Vec<Arc<dyn Plugin>>) -> impl Iterator<Item = Arc<dyn Plugin>> {
    plugins.into_iter().filter(|plugin| plugin.hooks().contains(&Hook::TextRenderer))
}

#[tokio::test]
async fn mentions_and_tags_come_back_as_placeholders() {
    let (_host, plugins) = all().await;
    for renderer in renderers(plugins) {
        let batch = texts(&["hi **@{A_b_c; a_b@pod.example}**, see #x_y_z", "<script>alert(1)</script>"]);
        let rendered = renderer.render(&batch).await.unwrap();
        let html = &rendered[0].html;
        assert!(html.contains("<pod-mention handle=\"a_b@pod.example\">A_b_c</pod-mention>"), "{html}");
        assert!(html.contains("<pod-tag name=\"x_y_z\">#x_y_z</pod-tag>"), "{html}");
        assert_eq!(rendered[0].plain, "hi A_b_c, see #x_y_z");
        assert!(!rendered[1].html.contains("<script"), "{}", rendered[1].html);
    }
}

#[tokio::test]
async fn the_longest_text_of_any_shape_stays_within_the_limits() {
    const LONGEST: usize = 65_535;
    let (_host, plugins) = all().await;
    let shapes = [
        "word ",
        "*a",
        "**a** ",
        "> ",
        "[",
        "[a](b)",
        "![a](b)",
        "- a\n",
        "1. a\n\n",
        "a\n\n",
        "`",
        "|a",
        "|a|b|\n|-|-|\n",
        "#a ",
        "@{A; a@b.example} ",
        "&amp;",
        "https://a.example/ ",
        "~~a",
        "[^1]",
        "<b>",
        "\\",
        "a\n",
        "* * ",
        "_a_ ",
        "<",
    ];
    for renderer in renderers(plugins) {
        let mut failed = Vec::new();
        for shape in shapes {
            let text = shape.repeat(LONGEST / shape.len());
            let rendered = renderer.render(&texts(&[&text])).await;
            // Tens of thousands of nested quotes are refused for the size of their HTML, and show as they
            // were typed. Neither time nor memory may run out, and nothing may crash.
            let error = rendered.err().filter(|error| !matches!(error, PluginError::Answer(_)));
            failed.extend(error.map(|error| (shape, error)));
        }
        assert!(failed.is_empty(), "{LONGEST} bytes of: {failed:?}");
        let page = vec!["Hello **world** [link](https://example.org) #tag `code`\n\n- a\n- b\n"; 20];
        assert_eq!(renderer.render(&texts(&page)).await.unwrap().len(), 20);
    }
}

#[tokio::test]
async fn a_package_carries_its_manifest_and_nothing_of_the_machine_that_made_it() {
    let (dir, slugs) = built();
    for slug in slugs {
        let bytes = std::fs::read(dir.join(format!("{slug}.wasm"))).unwrap();
        let has = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
        assert!(has("pappus:manifest") && has(&format!("slug = \"{slug}\"")));
        assert!(!has("/.cargo/registry"), "a path of the builder's machine");
        let packages = Packages::with(&[(&slug, bytes.clone())]);
        assert!(packages.host().load(&slug).await.is_ok());
    }
}
