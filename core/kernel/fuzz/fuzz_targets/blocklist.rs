//! Blocklists.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::moderation::fuzz::blocklist(data));
