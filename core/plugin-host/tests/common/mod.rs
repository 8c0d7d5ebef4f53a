//! Guests made of `guests/frame.wat`, and a folder of packages to load them from.
#![allow(dead_code, reason = "each test file uses its part")]

use std::{path::Path, sync::Arc};

use pappus_kernel::plugin::{Plugin, PluginHost as _, RenderSource, RenderedText};
use pappus_plugin_host::{Config, Host};
use wit_component::StringEncoding;
use wit_parser::Resolve;

pub const LOOP: &str = "(loop $for_ever (br $for_ever))";
pub const TRAP: &str = "(unreachable)";
pub const EAT_MEMORY: &str =
    "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)";
pub const RECURSE: &str = "(return (call $endless (i32.const 0)))";
pub const TEN_MEGABYTES: &str =
    "(call $reserve (i32.const 10551296)) (return (call $one (i32.const 65536) (i32.const 10485760)))";
pub const LONG_HTML: &str =
    "(call $reserve (i32.const 1048576)) (return (call $one (i32.const 65536) (i32.const 300000)))";
pub const TOO_FEW: &str = "(return (call $answer (i32.const 64) (i32.const 0)))";
pub const TOO_MANY: &str =
    "(return (call $answer (i32.const 1024) (i32.add (local.get $count) (i32.const 1))))";
pub const LYING_LENGTH: &str = "(return (call $one (i32.const 65536) (i32.const 2147483647)))";
pub const ENDLESS_LIST: &str = "(return (call $answer (i32.const 0) (i32.const 134217727)))";
pub const NOT_UTF8: &str =
    "(i32.store8 (i32.const 200) (i32.const 255)) (return (call $one (i32.const 200) (i32.const 1)))";
pub const LOG_FLOOD: &str = "(local.set $n (i32.const 100000))
    (loop $again
      (call $log (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))";
pub const LOG_IMPORT: &str =
    r#"(import "pappus:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;

pub const BUDGET_MS: u64 = 60;

pub fn manifest(slug: &str, more: &str) -> String {
    format!(
        "[plugin]\nid = \"test.{slug}\"\nslug = \"{slug}\"\nname = \"{slug}\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n\
         api = \"0.1\"\n{more}\n[hooks.text-renderer]\nbudget-ms = {BUDGET_MS}\n"
    )
}

/// The core module of a renderer with this mischief.
pub fn frame(imports: &str, mischief: &str) -> String {
    include_str!("../guests/frame.wat")
        .replace("IMPORTS", imports)
        .replace("then MISCHIEF", &format!("then {mischief}"))
}

pub fn renderer(slug: &str, mischief: &str) -> Vec<u8> {
    component("hook-text-renderer", &frame("", mischief), &manifest(slug, ""))
}

pub fn component(world: &str, wat: &str, manifest: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugin-sdk/wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .unwrap();
    pappus_plugin_build::componentize(&module, manifest).unwrap()
}

/// A folder of packages.
pub struct Packages(pub tempfile::TempDir);

impl Packages {
    pub fn with(packages: &[(&str, Vec<u8>)]) -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        for (slug, component) in packages {
            dir.put(slug, component);
        }
        dir
    }

    pub fn put(&self, slug: &str, component: &[u8]) {
        std::fs::write(self.0.path().join(format!("{slug}.wasm")), component).unwrap();
    }

    pub fn host(&self) -> Host {
        Host::new(Config { plugin_dirs: vec![self.0.path().to_owned()], ..Config::default() }).unwrap()
    }
}

pub async fn load(host: &Host, slug: &str) -> Arc<dyn Plugin> {
    host.load(slug).await.unwrap()
}

/// Why a package is refused.
pub async fn refusal(component: Vec<u8>) -> String {
    let packages = Packages::with(&[("guest", component)]);
    match packages.host().load("guest").await {
        Ok(_) => "it was loaded".to_owned(),
        Err(error) => error.to_string(),
    }
}

pub fn texts(texts: &[&str]) -> Vec<RenderSource> {
    let source = |text: &&str| RenderSource { text: (*text).to_owned(), inline_only: false, limited: false };
    texts.iter().map(source).collect()
}

pub fn html(rendered: &[RenderedText]) -> Vec<&str> {
    rendered.iter().map(|text| text.html.as_str()).collect()
}
