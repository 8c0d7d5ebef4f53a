//! Mentions and tags.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::text::fuzz::scanned(data));
