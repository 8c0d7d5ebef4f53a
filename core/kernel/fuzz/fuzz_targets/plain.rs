//! Texts without markup.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::text::fuzz::plain(data));
