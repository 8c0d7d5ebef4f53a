//! HTML that somebody made.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::text::fuzz::sanitised(data));
