//! The contract in `plugin-sdk/wit`, as the host sees it: one world with everything that plugins may ask for,
//! and one small world for each hook, so that a component binds only those that it exports.
#![allow(clippy::all, clippy::pedantic, reason = "generated")]

pub mod capabilities {
    wasmtime::component::bindgen!({
        path: "../../plugin-sdk/wit",
        world: "capabilities",
        imports: { default: async | trappable },
    });
}

pub use capabilities::pappus::plugin::{
    clock, federation_out, jobs, kv, log, notifications, people, random, settings, types,
};

pub mod text_renderer {
    wasmtime::component::bindgen!({
        path: "../../plugin-sdk/wit",
        world: "hook-text-renderer",
        exports: { default: async },
    });
}

macro_rules! hook {
    ($module:ident, $world:literal) => {
        pub mod $module {
            wasmtime::component::bindgen!({
                path: "../../plugin-sdk/wit",
                world: $world,
                exports: { default: async },
                with: { "pappus:plugin/types": crate::bindings::types },
            });
        }
    };
}

hook!(ui_slots, "hook-ui-slots");
hook!(composer, "hook-composer");
hook!(actions, "hook-actions");
hook!(account_data, "hook-account-data");
hook!(pages, "hook-pages");
hook!(job_runner, "hook-job-runner");
